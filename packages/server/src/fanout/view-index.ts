import type { StoreIndex } from "./store-index.js";
import type { TableIndex } from "./table-index.js";

/** The fan-outs of all types that a view's streams may ask for. One sequence of numbers orders the changes of all of them. */
export interface ViewIndex {
  /** The newest sequence number. */
  readonly seq: number;
  /** The fan-out of a type; made when first asked for. */
  table(typeUrl: string): TableIndex;
  /** A subscription is over. */
  released(index: TableIndex): void;
}

/** The fan-outs of a view with types of its own, whose store stands beside the base's. All other types are the base's. */
export function indexBeside(base: StoreIndex, own: StoreIndex, types: ReadonlySet<string>): ViewIndex {
  const of = (typeUrl: string) => (types.has(typeUrl) ? own : base);
  return {
    get seq() {
      return base.seq;
    },
    table: (typeUrl) => of(typeUrl).table(typeUrl),
    released: (index) => of(index.table.type).released(index),
  };
}
