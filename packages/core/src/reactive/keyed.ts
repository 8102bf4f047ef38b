import { defer, map, type Observable } from "rxjs";
import { type ResourceItem, toResource } from "../resource/create-resource.js";
import type { Resource } from "../resource/resource.js";
import { createSnapshot, edit, type Snapshot } from "../snapshot/snapshot.js";

/** How {@link keyed} tells that a thing did not change. */
export interface KeyedOptions<T> {
  /** Whether two things with the same key give the same resources. Default: they are the same object or value. */
  readonly equal?: (before: T, after: T) => boolean;
}

/** A thing and what was built from it. */
interface Built<T> {
  readonly thing: T;
  readonly resources: readonly Resource[];
}

/**
 * Turns lists of things (services, say) into snapshots. Each thing's resources are built when it appears, and again only
 * when it changed; a thing that is missing from the next list takes its resources away.
 *
 * Two things that have the same key, or that build resources of the same name, make the snapshot invalid: `check` names
 * the resources. An error thrown by `build` ends the Observable with that error.
 */
export function keyed<T>(
  source$: Observable<Iterable<T>>,
  key: (thing: T) => string,
  build: (thing: T) => Iterable<ResourceItem>,
  options: KeyedOptions<T> = {},
): Observable<Snapshot> {
  const { equal = Object.is } = options;
  return defer(() => {
    let built = new Map<string, Built<T>>();
    let snapshot = createSnapshot();
    return source$.pipe(
      map((things) => {
        const next = new Map<string, Built<T>>();
        let clash = snapshot.duplicates.length > 0;
        for (const thing of things) {
          const name = key(thing);
          const before = built.get(name);
          const kept = before !== undefined && equal(before.thing, thing);
          const now = kept ? before : { thing, resources: [...build(thing)].map(toResource) };
          clash ||= next.has(name);
          // The second of two equal keys is kept apart, so that its resources are found to be duplicates.
          next.set(next.has(name) ? `${name}\0${next.size}` : name, now);
        }
        const edited = clash ? undefined : advance(snapshot, built, next);
        snapshot = edited ?? createSnapshot([...next.values()].flatMap((thing) => thing.resources));
        built = next;
        return snapshot;
      }),
    );
  });
}

/** The snapshot moved on by what differs between two states; undefined when a name is built twice. */
function advance<T>(
  snapshot: Snapshot,
  before: ReadonlyMap<string, Built<T>>,
  after: ReadonlyMap<string, Built<T>>,
): Snapshot | undefined {
  let clash = false;
  const edited = edit(snapshot, (draft) => {
    // A resource that is built again stays until it is replaced, so that an equal one costs nothing.
    const gone = new Map<string, Resource>();
    for (const [key, thing] of before) {
      if (after.get(key) === thing) continue;
      for (const resource of thing.resources) gone.set(`${resource.type}\0${resource.name}`, resource);
    }
    const fresh = new Set<string>();
    for (const [key, thing] of after) {
      if (before.get(key) === thing) continue;
      for (const resource of thing.resources) {
        const id = `${resource.type}\0${resource.name}`;
        clash ||= fresh.has(id) || (!gone.has(id) && draft.get(resource.type, resource.name) !== undefined);
        fresh.add(id);
        draft.set(resource);
      }
    }
    for (const [id, { type, name }] of gone) if (!fresh.has(id)) draft.delete(type, name);
  });
  return clash ? undefined : edited;
}
