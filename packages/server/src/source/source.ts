import {
  isSnapshot,
  isStore,
  type OwnResources,
  type Scope,
  type ScopedSource,
  type Snapshot,
  type Store,
} from "@rxds/core";
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
  /** What is shown beside it, to the clients of one key alone. */
  readonly own: OwnResources | undefined;
}

export function partsOf(source: SnapshotSource): SourceParts {
  if (isStore(source) || isSnapshot(source)) return { base: source, scope$: undefined, own: undefined };
  if ("kind" in source) return { base: source.base, scope$: source.scope$, own: source.own };
  return { base: source, scope$: undefined, own: undefined };
}
