import { proceed } from "../hitless/held.js";
import type { XdsStream } from "../stream/stream.js";
import type { Feeds } from "./feeds.js";
import type { HeldSnapshot } from "./hold.js";

/** What is held back, be it from all clients or from one, and how to let it go. */
export interface Holds {
  /** The snapshots that `massDeletion` holds back now, each with the keys that it is for. */
  held(): readonly (HeldSnapshot & { readonly keys: readonly string[] })[];
  /**
   * Lets go what is held back.
   *
   * A string is the version of a snapshot that `massDeletion` holds: it comes into force, for all keys where one of that version is
   * held.
   *
   * A number is the stream of a client, as its `ClientStatus` and events tell it: the client is sent whatever waits for clusters that it
   * has not accepted. Requests may be lost by that.
   *
   * @returns Whether there was such a snapshot (another one may have taken its place), or there is such a stream.
   */
  release(what: string | number): boolean;
}

export function createHolds(feeds: Feeds, streams: Iterable<XdsStream>): Holds {
  const bases = () => new Set([...feeds.all()].map(({ base }) => base));
  return {
    held: () => [...bases()].flatMap((base) => (base.held ? [{ ...base.held, keys: base.keys }] : [])),
    release(what) {
      if (typeof what === "string") return [...bases()].filter((base) => base.release(what)).length > 0;
      const stream = [...streams].find(({ id }) => id === what);
      if (stream !== undefined) proceed(stream);
      return stream !== undefined;
    },
  };
}
