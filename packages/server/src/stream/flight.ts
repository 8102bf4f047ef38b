import type { Resource } from "@rxds/core";
import type { Content } from "../fanout/body-cache.js";

/** A response that the client has neither acknowledged nor rejected. */
export interface Flight {
  readonly nonce: string;
  /** When it was handed to the transport, in ms of the monotonic clock. */
  readonly at: number;
  /** The stream's cursor before and after it. */
  readonly from: number;
  readonly to: number;
  /** What it said: ids, shared with all streams that got the same. */
  readonly content: Content;
  /** Ids of which the client may hold what is older than `from`: they were held back, asked for anew or tried. */
  readonly anew: ReadonlySet<number> | undefined;
  /** State of the world, where a response is the full state: what it held. Shared likewise. */
  readonly resources: readonly Resource[] | undefined;
}

/** The newest response that a client acknowledged. */
export interface Acked {
  readonly version: string;
  /** The commit that it brought the client to. */
  readonly seq: number;
  /** State of the world, where a response is the full state: what the client holds since. Shared. */
  readonly resources: readonly Resource[] | undefined;
}
