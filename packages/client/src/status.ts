import type { XdsClientError } from "./error.js";

/** How the client stands with its server. */
export interface ConnectionStatus {
  /**
   * - `connecting`: an attempt is being made.
   * - `connected`: the connection is up and the stream is open.
   * - `backoff`: there is no connection; the next attempt follows after `retryInMs`.
   * - `closed`: the client was closed. Nothing follows.
   */
  readonly state: "connecting" | "connected" | "backoff" | "closed";
  /** The attempts in a row, this one included, since the server last sent anything. */
  readonly attempts: number;
  /** Why the last stream ended; kept until the server sends something. Absent when it ended in good order. */
  readonly error?: XdsClientError;
  /** The wait before the next attempt, in milliseconds. Only in `backoff`. */
  readonly retryInMs?: number;
}
