import { isSnapshot, isStore, type Scope, type ScopedSource, type Snapshot, type Store } from "@rxds/core";
import type { Observable } from "rxjs";

/**
 * Where a configuration comes from: one snapshot for ever, an Observable of snapshots, a store that is updated by hand, or a
 * view made by `scoped`.
 */
export type SnapshotSource = Snapshot | Observable<Snapshot> | Store | ScopedSource;

/** A source taken apart. */
export interface SourceParts {
  /** Sources with the same base share one store. */
  readonly base: Snapshot | Observable<Snapshot> | Store;
  readonly scope$: Observable<Scope> | undefined;
}

export function partsOf(source: SnapshotSource): SourceParts {
  if (isStore(source) || isSnapshot(source)) return { base: source, scope$: undefined };
  if ("kind" in source) return { base: source.base, scope$: source.scope$ };
  return { base: source, scope$: undefined };
}
