import type { Resource } from "@rxds/core";
import type { NameSet } from "../fanout/name-set.js";

/** What was found since a set of clusters changed. */
interface Known {
  readonly touched: number;
  /** By the clusters that clients lack. */
  readonly byFresh: Map<string, Map<Resource, readonly string[]>>;
  size: number;
}

/** So many answers are kept for a set of clusters; then it begins anew. */
const MOST = 10_000;

const known = new WeakMap<NameSet, Known>();

/**
 * What a resource waits for on a stream that sees those clusters and lacks some, given by a key. `find` is asked once for all streams
 * that are in the same place.
 */
export function knownGates(
  clusters: NameSet,
  fresh: string,
  resource: Resource,
  find: () => readonly string[],
): readonly string[] {
  let all = known.get(clusters);
  if (all === undefined || all.touched !== clusters.touched || all.size >= MOST) {
    all = { touched: clusters.touched, byFresh: new Map(), size: 0 };
    known.set(clusters, all);
  }
  let byResource = all.byFresh.get(fresh);
  if (byResource === undefined) {
    byResource = new Map();
    all.byFresh.set(fresh, byResource);
  }
  let names = byResource.get(resource);
  if (names === undefined) {
    names = find();
    byResource.set(resource, names);
    all.size++;
  }
  return names;
}
