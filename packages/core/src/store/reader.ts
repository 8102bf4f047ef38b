import type { Resource } from "../resource/resource.js";
import type { Table } from "./table.js";

/** What one commit touched, for those who serve from the store's tables. */
export interface Commit {
  /** Its sequence number. */
  readonly seq: number;
  /** What was changed or removed, per table: ids, and what was there before at the same index. */
  readonly changes: readonly {
    readonly table: Table;
    readonly ids: readonly number[];
    readonly before: readonly (Resource | undefined)[];
  }[];
}

/** Somebody who reads changes late, and needs to hear of removals until then. */
export interface StoreReader {
  /** The sequence number up to which every removal of that type has been seen. */
  oldestCursor(table: Table): number;
  /** Called once after every commit, in order. Must not throw. */
  committed(commit: Commit): void;
}
