import type { XdsClientError } from "../error.js";

/** Opens delta ADS streams to one server. Knows nothing of xDS: messages are bytes. */
export interface DeltaTransport {
  /** Starts a stream. Its events come later, never during the call. */
  open(events: StreamEvents): DeltaStream;
  /** Frees the connection. Streams are ended before. */
  close(): void;
}

/** What happens on a stream. */
export interface StreamEvents {
  /** The connection is up: the stream can be written to. */
  ready(): void;
  /** The server sent a message. */
  message(bytes: Uint8Array): void;
  /** The stream is over, once and finally; without an error if the server ended it in good order. */
  end(error?: XdsClientError): void;
}

/** One stream. */
export interface DeltaStream {
  /** Sends a message. `written` is called when it has left, which is when the next one should be given. */
  write(bytes: Buffer, written: () => void): void;
  /** Stops reading: the server is held back by flow control. */
  pause(): void;
  /** Reads on. */
  resume(): void;
  /** Ends our side, after what was written. The server is expected to end its side. */
  end(): void;
  /** Ends both sides at once. */
  cancel(): void;
}
