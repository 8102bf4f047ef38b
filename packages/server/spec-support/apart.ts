import { check, createSnapshot, type ScopedSource, type Snapshot, scoped } from "@rxds/core";
import { filter, map, type Observable, of } from "rxjs";

/** The resources of those types; or of all others. */
export function part(snapshot: Snapshot, types: readonly string[], others = false): Snapshot {
  return createSnapshot([...snapshot.list()].filter(({ type }) => types.includes(type) !== others));
}

/**
 * A configuration of which a view has those types as its own, and shares the others. What it shows is the same: what is invalid is
 * left out, since a server would refuse one part and take the other.
 */
export function apart(
  snapshots: Observable<Snapshot>,
  own: readonly string[],
  shared: readonly string[],
): ScopedSource {
  const scope = Object.fromEntries(shared.map((typeUrl) => [typeUrl, "all"] as const));
  const valid = snapshots.pipe(filter((snapshot) => check(snapshot).every(({ severity }) => severity === "warning")));
  const base = valid.pipe(map((snapshot) => part(snapshot, own, true)));
  return scoped(base, of(scope), { types: own, snapshots: valid.pipe(map((snapshot) => part(snapshot, own))) });
}
