export type { BesideOptions } from "./beside.js";
export { otherNames } from "./groups.js";
export type { Commit, StoreReader } from "./reader.js";
export type { OwnResources, Scope, ScopedSource } from "./scoped.js";
export { scoped } from "./scoped.js";
export type { CommitResult, Store, StoreDiff, Transaction } from "./store.js";
export { createStore, createStoreBeside, isStore } from "./store.js";
export type { Table } from "./table.js";
