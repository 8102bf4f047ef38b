/**
 * What went wrong:
 * - `invalid-argument`: an option or argument cannot be used; nothing was done.
 * - `insecure`: the address is not loopback and neither `credentials` nor `insecure: true` was given.
 * - `closed`: the client or the subscription is closed.
 * - `timeout`: `deadlineMs` passed before the awaited fact was true.
 * - `aborted`: the given `AbortSignal` was aborted; its reason is the `cause`.
 * - `stream`: the stream or the connection to the server ended; `grpcStatus` tells how.
 * - `undecodable`: bytes from the server are not the message that they should be.
 * - `wrong-type`: a resource was decoded with the schema of another type.
 */
export type XdsClientErrorCode =
  | "invalid-argument"
  | "insecure"
  | "closed"
  | "timeout"
  | "aborted"
  | "stream"
  | "undecodable"
  | "wrong-type";

/** What an {@link XdsClientError} is about. Never contains the content of a resource. */
export interface XdsClientErrorDetails {
  /** The numeric gRPC status with which the stream ended. */
  readonly grpcStatus?: number;
  /** The type of the resources concerned. */
  readonly typeUrl?: string;
  /** The name of the resource concerned. */
  readonly name?: string;
  /** The option or argument that cannot be used. */
  readonly argument?: string;
}

/** Every error that this package throws, rejects with, or reports in a status. */
export class XdsClientError extends Error {
  override readonly name = "XdsClientError";

  constructor(
    /** What kind of failure this is: the thing to branch on. */
    readonly code: XdsClientErrorCode,
    message: string,
    /** What the failure is about. */
    readonly details: XdsClientErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
