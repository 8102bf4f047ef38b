import type { DeltaTransport, StreamEvents } from "../src/transport/delta-transport.js";

/** A stream that the test drives from the server's side. */
export interface FakeStream {
  readonly events: StreamEvents;
  /** What was written, oldest first. */
  readonly written: string[];
  /** Reports the oldest write that is not yet done as done. */
  finishWrite(): void;
  paused: boolean;
  /** How the client ended it. */
  ended: "no" | "half" | "cancelled";
}

/** A transport without a network. */
export interface FakeTransport extends DeltaTransport {
  readonly streams: FakeStream[];
  /** The stream opened last. */
  last(): FakeStream;
  closed: boolean;
}

export function createFakeTransport(): FakeTransport {
  const streams: FakeStream[] = [];
  const transport: FakeTransport = {
    streams,
    closed: false,
    last: () => streams[streams.length - 1]!,
    open(events) {
      const callbacks: (() => void)[] = [];
      const stream: FakeStream = {
        events,
        written: [],
        finishWrite: () => callbacks.shift()?.(),
        paused: false,
        ended: "no",
      };
      streams.push(stream);
      return {
        write(bytes, written) {
          stream.written.push(bytes.toString());
          callbacks.push(written);
        },
        pause() {
          stream.paused = true;
        },
        resume() {
          stream.paused = false;
        },
        end() {
          stream.ended = "half";
        },
        cancel() {
          stream.ended = "cancelled";
        },
      };
    },
    close() {
      transport.closed = true;
    },
  };
  return transport;
}
