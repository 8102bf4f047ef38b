import type { Content } from "../fanout/body-cache.js";
import type { Backlog } from "./backlog.js";
import { nextDelta } from "./next-delta.js";
import { nextFull } from "./next-full.js";
import { nextPartial } from "./next-partial.js";
import type { Subscription } from "./subscription.js";

/** What is to be done next for a subscription. */
export interface Next {
  /** What to say; undefined: nothing needs to be said. */
  readonly content: Content | undefined;
  /** Whether it covers all that is new up to now: changes, what is owed, removals that waited. */
  readonly news: boolean;
  /** Whether it is a group of the trial, or holds one. */
  readonly group?: boolean;
  /** Whether it is the next part of the backlog. */
  readonly part?: boolean;
  /** What is due as well, and has to go in a response of its own. */
  readonly rest?: readonly number[];
  /** Delta: all removals that have to wait, also those that waited before. Default: none. */
  readonly late?: readonly number[];
  /** What is not given back to the client any more. Default: nothing. */
  readonly dropped?: readonly number[];
  /** All that waits for clusters. Default: nothing. */
  readonly gated?: readonly number[];
  /** What waits for clusters, and is in it in an earlier version. Default: nothing. */
  readonly earlier?: readonly number[];
  /** What is left of a response that is too large. */
  readonly backlog?: Backlog;
  /** Whether it still holds what is gone. */
  readonly trim?: boolean;
}

/** What a subscription is due. Changes nothing. */
export interface NextOptions {
  /** The newest commit. */
  readonly seq: number;
  /** Whether a name that is gone may be taken from the client now. */
  readonly mayRemove: (name: string) => boolean;
  /** The most bytes of a delta response. */
  readonly mostBytes: number;
}

/** What the stream's next response of this type says, if anything. Changes nothing. */
export function next(subscription: Subscription, options: NextOptions): Next {
  if (subscription.stream.protocol === "delta") return nextDelta(subscription, options);
  return subscription.type.fullState ? nextFull(subscription, options) : nextPartial(subscription);
}

/** Nothing is due. */
export const NOTHING: Next = { content: undefined, news: true };
