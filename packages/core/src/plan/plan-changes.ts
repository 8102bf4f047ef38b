import type { Resource } from "../resource/resource.js";
import { diff } from "../snapshot/diff.js";
import type { Snapshot } from "../snapshot/snapshot.js";
import { typeUrls } from "../types/type-urls.js";

/** What happens to the resources of one type. */
export interface TypeChanges {
  readonly upserts: readonly Resource[];
  readonly removals: readonly string[];
}

/** A diff as plans look at it. */
export interface PlanChanges {
  readonly have: Snapshot;
  readonly target: Snapshot;
  /** By type URL. */
  readonly types: ReadonlyMap<string, TypeChanges>;
  /** The names of clusters that are not in `have`. */
  readonly newClusters: ReadonlySet<string>;
}

const NONE: TypeChanges = { upserts: [], removals: [] };

/** What a type's resources go through. */
export const changesOf = (changes: PlanChanges, type: string): TypeChanges => changes.types.get(type) ?? NONE;

/** Sorts what is different by type. */
export function planChanges(have: Snapshot, target: Snapshot): PlanChanges {
  const types = new Map<string, { upserts: Resource[]; removals: string[] }>();
  const at = (type: string) => {
    let found = types.get(type);
    if (found === undefined) {
      found = { upserts: [], removals: [] };
      types.set(type, found);
    }
    return found;
  };
  const { upserts, removals } = diff(have, target);
  for (const resource of upserts) at(resource.type).upserts.push(resource);
  for (const { type, name } of removals) at(type).removals.push(name);
  const clusters = types.get(typeUrls.cluster)?.upserts ?? [];
  const fresh = clusters.filter(({ name }) => have.get(typeUrls.cluster, name) === undefined);
  return { have, target, types, newClusters: new Set(fresh.map(({ name }) => name)) };
}
