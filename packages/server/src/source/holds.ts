import type { Feeds } from "./feeds.js";
import type { HeldSnapshot } from "./hold.js";

/** Snapshots that would remove too much, and what to do with them. */
export interface Holds {
  /** The snapshots that `massDeletion` holds back now, each with the keys that it is for. */
  held(): readonly (HeldSnapshot & { readonly keys: readonly string[] })[];
  /**
   * Lets a held snapshot come into force, for all keys where one of that version is held. Returns whether there was any: another
   * one may have taken its place.
   */
  release(version: string): boolean;
}

export function createHolds(feeds: Feeds): Holds {
  const bases = () => new Set([...feeds.all()].map(({ base }) => base));
  return {
    held: () => [...bases()].flatMap((base) => (base.held ? [{ ...base.held, keys: feeds.keysOf(base) }] : [])),
    release: (version) => [...bases()].filter((base) => base.release(version)).length > 0,
  };
}
