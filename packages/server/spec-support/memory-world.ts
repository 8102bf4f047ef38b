import type { SnapshotSource } from "../src/source/source.js";
import type { Channel } from "../src/stream/channel.js";
import { withNonce } from "../src/wire/response.js";
import { createXdsCore, type XdsCore } from "../src/xds-core.js";
import { type Clock, installClock } from "./clock.js";
import type { History } from "./history.js";
import { KIND_URLS, type Kind } from "./samples.js";
import type { Wire, WireListener } from "./surroundings.js";
import type { XdsTestClient } from "./test-client.js";
import type { World } from "./world.js";

/** A stream inside this process: a second transport, without a network but with the same bytes. */
interface MemoryStream {
  readonly client: XdsTestClient;
  /** Written by the server and not delivered. */
  readonly outbox: { readonly bytes: Buffer; readonly done: () => void }[];
}

/** A server whose transport is memory and whose event loop is the test's. */
export interface MemoryWorld extends World, Disposable {
  readonly core: XdsCore;
  readonly clock: Clock;
}

/** Starts one. */
export function createMemoryWorld(
  snapshots: (key: string) => SnapshotSource,
  { lookMs, responseBytes }: Pick<History, "lookMs" | "responseBytes">,
): MemoryWorld {
  const clock = installClock(lookMs);
  const core = createXdsCore({ hitless: false, snapshots, scope: ({ cluster }) => cluster, limits: { responseBytes } });
  const streams = new Set<MemoryStream>();
  const stalled = new Set<XdsTestClient>();
  let activity = 0;

  const deliver = (stream: MemoryStream): void => {
    if (stalled.has(stream.client)) return;
    for (const { done } of stream.outbox.splice(0)) done();
  };

  const open = (client: XdsTestClient, kind: Kind | undefined, listener: WireListener): Wire => {
    const stream: MemoryStream = { client, outbox: [] };
    const held: Buffer[] = [];
    let over = false;
    let paused = false;
    const channel: Channel = {
      peer: { address: client.name, certificate: undefined, metadata: new Map() },
      write(body, nonce, done) {
        // Other streams write their nonce behind the same bytes: so they are copied, as a network does.
        const bytes = Buffer.from(withNonce(body, nonce));
        activity++;
        listener.written(bytes);
        const arrived = () => {
          if (!over) listener.received(bytes);
          done();
        };
        stream.outbox.push({ bytes, done: arrived });
        setImmediate(() => deliver(stream));
      },
      pause: () => {
        paused = true;
      },
      resume() {
        paused = false;
        while (!paused && held.length > 0) handler.message(held.shift()!);
      },
      end(code, details) {
        if (over) return;
        over = true;
        activity++;
        streams.delete(stream);
        listener.ended(code, details);
      },
    };
    const handler = core.open(channel, client.spec.protocol, kind && KIND_URLS[kind]);
    streams.add(stream);
    const end = () => {
      over = true;
      streams.delete(stream);
      handler.over();
    };
    return {
      send(bytes) {
        activity++;
        if (paused) held.push(bytes);
        else handler.message(bytes);
      },
      end,
      // What is left of it is for the transport.
      halfClose: end,
    };
  };

  return {
    core,
    clock,
    exact: true,
    open,
    stall: (client) => void stalled.add(client),
    read(client) {
      stalled.delete(client);
      for (const stream of streams) if (stream.client === client) deliver(stream);
    },
    turns(count) {
      for (let n = 0; n < count; n++) clock.turn();
    },
    heard: () => {},
    wait: (ms) => clock.advance(ms),
    rest() {
      for (let before = -1; before !== activity; ) {
        before = activity;
        // Longer than a newer response waits for the answer to an older one.
        clock.advance(150);
      }
    },
    statuses: () => core.clients(),
    close() {
      core.close();
      clock.advance(1);
    },
    [Symbol.dispose]: () => clock[Symbol.dispose](),
  };
}
