import type { StatusCode } from "../stream/channel.js";

/** A call that ends with a status: the message is for the client. */
export class CallError extends Error {
  override readonly name = "CallError";
  constructor(
    readonly code: StatusCode,
    message: string,
  ) {
    super(message);
  }
}

/** What a client is told of an error: its own faults, and of ours nothing but that there was one. */
export function asCallError(error: unknown): CallError {
  return error instanceof CallError ? error : new CallError("INTERNAL", "the server failed to handle the request");
}
