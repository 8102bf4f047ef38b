import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFakeTransport } from "../spec-support/fake-transport.js";
import { createBackoff } from "./backoff.js";
import { createConnection } from "./connection.js";
import { XdsClientError } from "./error.js";
import type { ConnectionStatus } from "./status.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const transport = createFakeTransport();
  const outbox: string[] = [];
  const received: string[] = [];
  const statuses: ConnectionStatus[] = [];
  const state = { lost: 0, opened: 0, backlog: 0 };
  const connection = createConnection({
    transport,
    backoff: createBackoff({ minMs: 100, maxMs: 1000, jitter: 0 }),
    connectTimeoutMs: 5000,
    opened: () => void state.opened++,
    next() {
      const text = outbox.shift();
      return text === undefined ? undefined : Buffer.from(text);
    },
    receive(bytes) {
      const text = Buffer.from(bytes).toString();
      if (text === "garbage") throw new XdsClientError("undecodable", "garbage came");
      received.push(text);
    },
    backlog: () => state.backlog,
    lost: () => void state.lost++,
  });
  connection.status$.subscribe((status) => statuses.push(status));
  vi.advanceTimersByTime(0);
  const states = () => statuses.map(({ state }) => state);
  return { transport, connection, outbox, received, statuses, states, state };
}

const refused = new XdsClientError("stream", "refused", { grpcStatus: 14 });

describe("writing", () => {
  test("starts when the connection is up and goes on when the last message has left", async () => {
    const { transport, connection, outbox } = setUp();
    outbox.push("1", "2");
    connection.wake();
    await Promise.resolve();
    const stream = transport.last();
    expect(stream.written).toEqual([]);
    stream.events.ready();
    expect(stream.written).toEqual(["1"]);
    stream.finishWrite();
    expect(stream.written).toEqual(["1", "2"]);
    stream.finishWrite();
    outbox.push("3", "4");
    connection.wake();
    expect(stream.written).toEqual(["1", "2"]);
    await Promise.resolve();
    expect(stream.written).toEqual(["1", "2", "3"]);
  });

  test("of a stream that is over does not reach the next one", () => {
    const { transport, outbox } = setUp();
    outbox.push("1");
    const first = transport.last();
    first.events.ready();
    first.events.end();
    vi.advanceTimersByTime(100);
    outbox.push("2", "3");
    transport.last().events.ready();
    first.finishWrite();
    expect(transport.last().written).toEqual(["2"]);
  });
});

describe("reading", () => {
  test("pauses while many answers wait to be written", () => {
    const { transport, outbox, state } = setUp();
    const stream = transport.last();
    stream.events.ready();
    outbox.push("answer");
    state.backlog = 32;
    stream.events.message(Buffer.from("a"));
    expect(stream.paused).toBe(true);
    state.backlog = 31;
    stream.events.message(Buffer.from("b"));
    expect(stream.paused).toBe(false);
  });

  test("of a message that cannot be understood ends the stream", () => {
    const { transport, statuses, state } = setUp();
    const stream = transport.last();
    stream.events.ready();
    stream.events.message(Buffer.from("garbage"));
    expect(stream.ended).toBe("cancelled");
    expect(statuses.at(-1)).toMatchObject({ state: "backoff", attempts: 1, error: { code: "undecodable" } });
    stream.events.end(refused);
    expect(state.lost).toBe(1);
  });
});

describe("connecting again", () => {
  test("waits longer after each attempt that brought nothing", () => {
    const { transport, statuses } = setUp();
    for (const wait of [100, 160, 256]) {
      transport.last().events.end(refused);
      expect(statuses.at(-1)).toMatchObject({ state: "backoff", error: refused, retryInMs: wait });
      const count = transport.streams.length;
      vi.advanceTimersByTime(wait - 1);
      expect(transport.streams).toHaveLength(count);
      vi.advanceTimersByTime(1);
      expect(transport.streams).toHaveLength(count + 1);
    }
    expect(statuses.at(-1)).toEqual({ state: "connecting", attempts: 4, error: refused });
  });

  test("starts with the first wait once the server has sent something, and forgets the error", () => {
    const { transport, statuses, states } = setUp();
    transport.last().events.end(refused);
    vi.advanceTimersByTime(100);
    transport.last().events.ready();
    expect(statuses.at(-1)).toEqual({ state: "connected", attempts: 2, error: refused });
    transport.last().events.message(Buffer.from("hello"));
    expect(statuses.at(-1)).toEqual({ state: "connected", attempts: 0 });
    transport.last().events.end();
    expect(statuses.at(-1)).toEqual({ state: "backoff", attempts: 0, retryInMs: 100 });
    expect(states()).toEqual(["connecting", "backoff", "connecting", "connected", "connected", "backoff"]);
  });

  test("gives up an attempt that takes too long", () => {
    const { transport, statuses } = setUp();
    vi.advanceTimersByTime(5000);
    expect(transport.last().ended).toBe("cancelled");
    expect(statuses.at(-1)).toMatchObject({ state: "backoff", error: { message: "no connection within 5000 ms" } });
  });

  test("tells of each stream that is opened and each that is lost", () => {
    const { transport, state } = setUp();
    transport.last().events.ready();
    transport.last().events.end();
    vi.advanceTimersByTime(100);
    expect(state).toMatchObject({ opened: 2, lost: 1 });
  });
});

describe("close", () => {
  test("writes what is pending, ends its side and waits for the server to end", async () => {
    const { transport, connection, outbox, states, state } = setUp();
    const stream = transport.last();
    stream.events.ready();
    outbox.push("ack 1", "ack 2");
    let closed = false;
    const closing = connection.close().then(() => {
      closed = true;
    });
    await vi.advanceTimersByTimeAsync(500);
    expect(stream.written).toEqual(["ack 1", "ack 2"]);
    expect([stream.ended, closed]).toEqual(["half", false]);
    stream.events.end();
    await closing;
    expect([transport.closed, states().at(-1), state.lost]).toEqual([true, "closed", 0]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("reads on, because the end of a stream comes after what was sent before", async () => {
    const { transport, connection, state } = setUp();
    const stream = transport.last();
    stream.events.ready();
    state.backlog = 32;
    stream.events.message(Buffer.from("a"));
    expect(stream.paused).toBe(true);
    const closing = connection.close();
    await vi.advanceTimersByTimeAsync(0);
    expect(stream.paused).toBe(false);
    stream.events.end();
    await closing;
  });

  test("does not wait longer than a second", async () => {
    const { transport, connection, states } = setUp();
    transport.last().events.ready();
    const closing = connection.close();
    await vi.advanceTimersByTimeAsync(1000);
    await closing;
    expect([transport.last().ended, states().at(-1)]).toEqual(["cancelled", "closed"]);
  });

  test("works during a backoff and before a connection is up, and ends all attempts", async () => {
    const waiting = setUp();
    waiting.transport.last().events.end(refused);
    await waiting.connection.close();
    const connecting = setUp();
    await connecting.connection.close();
    vi.advanceTimersByTime(100_000);
    expect(waiting.transport.streams).toHaveLength(1);
    expect(connecting.transport.last().ended).toBe("cancelled");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("called by a listener of the status ends all attempts", async () => {
    const { transport, connection } = setUp();
    let closing: Promise<void> | undefined;
    connection.status$.subscribe(({ state }) => {
      if (state === "backoff") closing = connection.close();
    });
    transport.last().events.end(refused);
    await closing;
    vi.advanceTimersByTime(100_000);
    expect(transport.streams).toHaveLength(1);
  });

  test("can be called twice", async () => {
    const { connection } = setUp();
    const first = connection.close();
    expect(connection.close()).toBe(first);
    await first;
  });
});
