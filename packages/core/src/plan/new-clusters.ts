import type { Resource } from "../resource/resource.js";
import { typeUrls } from "../types/type-urls.js";
import type { PlanChanges } from "./plan-changes.js";

/** Tells which new clusters a resource leads to, by name. */
export type NewClustersOf = (resource: Resource) => readonly string[];

/** What a listener names is in its clients' hands soon after it: so it waits for the clusters of its routes too. */
const FOLLOWED: ReadonlySet<string> = new Set([typeUrls.routes, typeUrls.scopedRoutes, typeUrls.extensionConfig]);

/** Of what a resource names, what matters here. */
interface Links {
  readonly clusters: readonly string[];
  readonly next: readonly Resource[];
}

/**
 * For each resource the new clusters that it leads to, directly or by what it names; those whose references are not all known
 * lead to every one. References to anything but new clusters make nothing wait.
 */
export function newClustersOf({ target, newClusters }: PlanChanges): NewClustersOf {
  const all = [...newClusters];
  const known = new Map<Resource, Links>();

  const linksOf = (resource: Resource): Links => {
    let links = known.get(resource);
    if (links === undefined) {
      const references = resource.references ?? [];
      const clusters = references.filter(({ type, name }) => type === typeUrls.cluster && newClusters.has(name));
      const followed = [...clusters, ...references.filter(({ type }) => FOLLOWED.has(type))];
      const next = followed.map(({ type, name }) => target.get(type, name)).filter((one) => one !== undefined);
      links = { clusters: clusters.map(({ name }) => name), next };
      known.set(resource, links);
    }
    return links;
  };

  return (resource) => {
    if (all.length === 0) return all;
    const names = new Set<string>();
    const seen = new Set([resource]);
    // A set that grows while it is gone through: names may lead in circles.
    for (const from of seen) {
      if (from.traits?.opaque) return all;
      const { clusters, next } = linksOf(from);
      for (const name of clusters) names.add(name);
      for (const one of next) seen.add(one);
      // The list is shared: it may be long.
      if (names.size === all.length) return all;
    }
    return [...names];
  };
}
