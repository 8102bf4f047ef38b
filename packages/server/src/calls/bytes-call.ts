import type { Peer } from "../stream/channel.js";
import type { CallError } from "./call-error.js";

/** A two-way stream of encoded messages beside xDS: what a transport gives the server. */
export interface BytesCall {
  readonly peer: Peer;
  /** Sends a message. `done` is called once, when the transport has passed it on and takes more, or has failed. */
  write(bytes: Buffer, done: () => void): void;
  /** Stops delivering messages until {@link resume}. */
  pause(): void;
  resume(): void;
  /** Ends the call: with a status, or well. */
  end(error?: CallError): void;
}

/** What the server tells the transport to call. */
export interface BytesCallHandler {
  /** One encoded message. */
  message(bytes: Buffer): void;
  /** The client sends no more. */
  ended(): void;
  /** The call is over, for whatever reason. May be called again. */
  over(): void;
}
