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

/** Hears of faults that are not a client's. */
export type Warn = (message: string) => void;

/** What a client is told of an error: its own faults, and of ours nothing but that there was one. `warn` is told all. */
export function asCallError(error: unknown, warn: Warn): CallError {
  if (error instanceof CallError) return error;
  warn(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return new CallError("INTERNAL", "the server failed to handle the request");
}
