import { create, toBinary } from "@bufbuild/protobuf";
import { createStore, typeUrls } from "@rxds/core";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { DeltaDiscoveryRequestSchema } from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { describe, expect, test } from "vitest";
import type { Channel, ChannelHandler } from "../stream/channel.js";
import { createXdsCore, type XdsCore } from "../xds-core.js";

/** A client without a network: takes everything, acknowledges when told. */
interface Client {
  readonly received: { readonly bytes: number; readonly nonce: string }[];
  readonly stream: ChannelHandler;
  ack(): void;
}

const request = (init: { typeUrl?: string; responseNonce?: string; node?: { id: string } }) =>
  Buffer.from(
    toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, { typeUrl: typeUrls.cluster, ...init })),
  );

function connect(core: XdsCore, onWrite: (bytes: number) => void = () => {}): Client {
  const received: { bytes: number; nonce: string }[] = [];
  const channel: Channel = {
    peer: { address: "memory", certificate: undefined, metadata: new Map() },
    write: ({ length }, nonce, done) => {
      received.push({ bytes: length, nonce });
      onWrite(length);
      setImmediate(done);
    },
    pause: () => {},
    resume: () => {},
    end: () => {},
  };
  const stream = core.open(channel, "delta", undefined);
  stream.message(request({ node: { id: "n" } }));
  return { received, stream, ack: () => stream.message(request({ responseNonce: received.at(-1)!.nonce })) };
}

/** Lets the event loop turn until something holds; gives up after very many turns. */
async function turns(until: () => boolean): Promise<number> {
  for (let n = 0; n < 100_000; n++) {
    if (until()) return n;
    await new Promise(setImmediate);
  }
  throw new Error("not reached after 100,000 turns of the event loop");
}

const cluster = (name: string, size: number) => create(ClusterSchema, { name, altStatName: "x".repeat(size) });

describe("the send loop", () => {
  test("hands at most one large body to the transports in a turn of the event loop", async () => {
    const store = createStore();
    store.update((tx) => tx.set(cluster("big", 1 << 20)));
    const core = createXdsCore({ snapshots: store });
    let turn = 0;
    const inTurn: number[] = [];
    const clients = Array.from({ length: 20 }, () => connect(core, () => (inTurn[turn] = (inTurn[turn] ?? 0) + 1)));
    await turns(() => {
      turn++;
      return clients.every(({ received }) => received.length === 1);
    });
    expect(Math.max(...inTurn.filter((count) => count !== undefined))).toBe(1);
    core.close();
  });

  test("gathers what changes while a response is under way, however many commits", async () => {
    const store = createStore();
    store.update((tx) => tx.set(cluster("a", 1)));
    const core = createXdsCore({ snapshots: store });
    const client = connect(core);
    await turns(() => client.received.length === 1);
    for (let i = 2; i < 200; i++) store.update((tx) => tx.set(cluster("a", i)));
    client.ack();
    await turns(() => client.received.length === 2);
    client.ack();
    await turns(() => core.clients()[0]!.types[0]!.inFlight.length === 0);
    expect(client.received).toHaveLength(2);
    expect(core.clients()[0]?.types[0]?.pending).toBe(false);
    core.close();
  });

  test("overtakes a response that is not answered, after a while, and not more than a few times", async () => {
    const store = createStore();
    store.update((tx) => tx.set(cluster("a", 1)));
    const core = createXdsCore({ snapshots: store });
    const client = connect(core);
    await turns(() => client.received.length === 1);
    const started = performance.now();
    for (let i = 2; i <= 4; i++) {
      store.update((tx) => tx.set(cluster("a", i)));
      await new Promise<void>((resolve) => {
        const look = () => (client.received.length === i ? resolve() : setTimeout(look, 5));
        look();
      });
    }
    expect(performance.now() - started).toBeGreaterThan(200);
    store.update((tx) => tx.set(cluster("a", 5)));
    // The fourth answers nothing yet: the fifth waits for an ACK, which says how far the client is.
    client.ack();
    await turns(() => client.received.length === 5);
    expect(core.clients()[0]?.types[0]?.inFlight).toHaveLength(4);
    core.close();
  });

  test("lets news gather that comes faster than it goes out", async () => {
    const store = createStore();
    store.update((tx) => tx.set(cluster("a", 1)));
    const core = createXdsCore({ snapshots: store });
    let sent = 0;
    const clients = Array.from({ length: 100 }, () => {
      const client: Client = connect(core, () => {
        sent++;
        // Every response costs something, and is answered at once.
        for (const end = performance.now() + 0.1; performance.now() < end; );
        setImmediate(() => client.ack());
      });
      return client;
    });
    await turns(() => clients.every(({ received }) => received.length === 1));
    const before = sent;
    const commits = 500;
    for (let i = 2; i < commits + 2; i++) {
      store.update((tx) => tx.set(cluster("a", i)));
      await new Promise(setImmediate);
    }
    await turns(() => core.clients().every(({ types }) => !types[0]!.pending && types[0]!.inFlight.length === 0));
    // Without it, each commit reaches some ten of the hundred.
    expect(sent - before).toBeLessThan(commits * 5);
    expect(sent - before).toBeGreaterThanOrEqual(100);
    core.close();
  });

  test("leaves a client that does not take bytes alone, and serves the others", async () => {
    const store = createStore();
    store.update((tx) => tx.set(cluster("a", 100_000)));
    const core = createXdsCore({ snapshots: store });
    const stuck: (() => void)[] = [];
    const bodies: number[] = [];
    const channel: Channel = {
      peer: { address: "stuck", certificate: undefined, metadata: new Map() },
      write: ({ length }, nonce, done) => {
        bodies.push(length);
        stuck.push(done);
        queueMicrotask(() => stream.message(request({ responseNonce: nonce })));
      },
      pause: () => {},
      resume: () => {},
      end: () => {},
    };
    const stream = core.open(channel, "delta", undefined);
    stream.message(request({ node: { id: "stuck" } }));
    const other = connect(core);
    for (let i = 1; i <= 50; i++) {
      await turns(() => other.received.length === i);
      other.ack();
      store.update((tx) => tx.set(cluster("a", 100_000 + i)));
    }
    expect(bodies).toHaveLength(1);
    for (const done of stuck) done();
    await turns(() => bodies.length === 2);
    core.close();
  });
});
