/** A delta request for one type, before it is encoded. It is either a change of subscriptions or an ACK/NACK. */
export interface DeltaRequest {
  readonly typeUrl: string;
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  /** Name to version of what is held. Only in the first request of a type on a stream. */
  readonly initialResourceVersions: ReadonlyMap<string, string>;
  /** The nonce of the response that is answered; empty in a change of subscriptions. */
  readonly responseNonce: string;
  /** Present in a NACK: why the response was refused. */
  readonly error?: RequestError;
}

/** The `google.rpc.Status` of a NACK. */
export interface RequestError {
  readonly code: number;
  /** Why. */
  readonly message: string;
}

/** A delta response for one type, decoded as far as the protocol goes. The resources' own bytes stay encoded. */
export interface DeltaResponse {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly resources: readonly WireResource[];
  /** Names that do not exist (any more). */
  readonly removed: readonly string[];
  readonly errors: readonly XdsResourceError[];
}

/** One entry of a response. */
export interface WireResource {
  readonly name: string;
  readonly version: string;
  readonly aliases: readonly string[];
  /** Absent in a heartbeat, and in the answer for a virtual host that does not exist. */
  readonly body?: { readonly typeUrl: string; readonly value: Uint8Array };
  /** Time to live in milliseconds. Absent: the resource does not expire. */
  readonly ttlMs?: number;
}

/** What the server says about a name for which it has no resource to send. The resource last sent stays held. */
export interface XdsResourceError {
  /** The name that was asked for. */
  readonly name: string;
  /** A gRPC status code. `NOT_FOUND` (5) never appears here: it is the same as a removal. */
  readonly code: number;
  /** The server's words. */
  readonly message: string;
}

/** The name that stands for "everything the server has for this client". */
export const WILDCARD = "*";
