export { otherNames } from "./groups.js";
export type { Scope, ScopedSource } from "./scoped.js";
export { scoped } from "./scoped.js";
export type { Commit, CommitResult, Store, StoreDiff, StoreReader, Transaction } from "./store.js";
export { createStore, isStore } from "./store.js";
export type { Table } from "./table.js";
