import type { Resource } from "@rxds/core";

/** By the list itself, which streams share. */
const known = new WeakMap<readonly Resource[], ReadonlyMap<string, Resource>>();

/** The resources of a response by name. The same list gives the same map. */
export function byName(resources: readonly Resource[]): ReadonlyMap<string, Resource> {
  let names = known.get(resources);
  if (names === undefined) {
    names = new Map(resources.map((resource) => [resource.name, resource]));
    known.set(resources, names);
  }
  return names;
}
