/** A rejection, as data. */
export interface Rejection {
  /** The nonce of the rejected response. */
  readonly nonce: string;
  /** The gRPC status code that the client gave. */
  readonly code: number;
  /** The client's words, without what may be secret in them. */
  readonly detail: string;
  /** The resources that the client's words name and the response held. */
  readonly names: readonly string[];
  /** When, in ms since the epoch. */
  readonly at: number;
}

/** Content that a client rejected, and is not sent until it changes. */
export interface Quarantined {
  /** The commit of that content. */
  readonly changedAt: number;
  /** The newest commit when it was rejected. */
  readonly seq: number;
  /** Its version. */
  readonly version: string;
  /** The client's words, without what may be secret in them. */
  readonly reason: string;
  /** Since when, in ms since the epoch. */
  readonly since: number;
}
