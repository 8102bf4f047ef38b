import { type Commit, isResourceType, type Store, type StoreReader, type Table } from "@rxds/core";
import type { NameSet } from "./name-set.js";
import { TableIndex } from "./table-index.js";
import type { ViewIndex } from "./view-index.js";

/** The fan-out of one store: turns commits into touched sets. */
export class StoreIndex implements StoreReader, ViewIndex {
  readonly #tables = new Map<string, TableIndex>();
  readonly #unfollow: () => void;

  constructor(
    readonly store: Store,
    /** Hears of every set in which something changed. */
    readonly touched: (set: NameSet, index: TableIndex) => void,
    /** Hears of every commit, after its sets. */
    readonly committedAt: (seq: number) => void,
  ) {
    this.#unfollow = store.follow(this);
  }

  get seq(): number {
    return this.store.seq;
  }

  table(typeUrl: string): TableIndex {
    let index = this.#tables.get(typeUrl);
    if (index === undefined) {
      index = new TableIndex(this.store.table(typeUrl), this.store.seq);
      this.#tables.set(typeUrl, index);
    }
    return index;
  }

  /** What nobody asks for any more, and nobody serves, leaves nothing behind. */
  released(index: TableIndex): void {
    const { table } = index;
    if (index.subscriptions.size > 0 || table.live > 0 || isResourceType(table.type)) return;
    this.#tables.delete(table.type);
    this.store.forget(table.type);
  }

  committed(commit: Commit): void {
    for (const { table, ids, before } of commit.changes) {
      const index = this.#tables.get(table.type);
      if (index === undefined) continue;
      const touched = this.touchedIn(index);
      ids.forEach((id, i) => {
        index.touch(commit.seq, id, before[i], touched);
      });
    }
    this.committedAt(commit.seq);
  }

  /** What reports the touched sets of one type. */
  touchedIn(index: TableIndex): (set: NameSet) => void {
    return (set) => this.touched(set, index);
  }

  oldestCursor(table: Table): number {
    return this.#tables.get(table.type)?.oldestCursor(this.store.seq) ?? this.store.seq;
  }

  close(): void {
    for (const index of this.#tables.values()) index.close();
    this.#unfollow();
  }
}
