import { type Resource, sameResource } from "../resource/resource.js";
import { diffNames, emptyNameMap } from "./name-map.js";
import { nameMapOf, type ResourceKey, type Snapshot } from "./snapshot.js";

/** The way from one snapshot to another, as data that can be stored and sent elsewhere. */
export interface Diff {
  /** Resources that are new or changed. */
  readonly upserts: readonly Resource[];
  /** Resources that are gone. */
  readonly removals: readonly ResourceKey[];
}

/** Whether there is nothing in it. */
export function isEmptyDiff(diff: Diff): boolean {
  return diff.upserts.length === 0 && diff.removals.length === 0;
}

/**
 * What leads from `before` to `after`; without `before`, everything. Costs O(changed · log n) when `after` was made from
 * `before` by `edit`; otherwise every name is compared by version.
 */
export function diff(before: Snapshot | undefined, after: Snapshot): Diff {
  const upserts: Resource[] = [];
  const removals: ResourceKey[] = [];
  const visitor = {
    changed: (resource: Resource) => {
      upserts.push(resource);
    },
    removed: (resource: Resource) => {
      removals.push({ type: resource.type, name: resource.name });
    },
  };
  const types = new Set([...(before?.typeUrls ?? []), ...after.typeUrls]);
  for (const type of types) {
    const from = before ? nameMapOf(before, type) : emptyNameMap<Resource>();
    diffNames(from, nameMapOf(after, type), sameResource, visitor);
  }
  return { upserts, removals };
}
