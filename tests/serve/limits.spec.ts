import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChannelCredentials, ServerCredentials, status } from "@grpc/grpc-js";
import { createXdsClient } from "@rxds/client";
import { eventually, rawXds } from "@rxds/testkit";
import { createSnapshot, edsCluster, type ServeXdsOptions, serveXds, typeUrls, XdsOptionError } from "rxds";
import { describe, expect, test } from "vitest";
import { authority } from "../core/certificates.js";
import { record } from "./large.js";

const snapshot = createSnapshot([edsCluster({ name: "a" })]);
const hello = { typeUrl: typeUrls.cluster, node: { id: "n1" } };

/** A server and all that it says. */
async function serve(options: Partial<ServeXdsOptions>) {
  const server = await serveXds({ address: "127.0.0.1:0", snapshots: snapshot, ...options });
  return { server, ...record(server) };
}

test("a limit that can't be meant is refused before anything listens", async () => {
  const error = await serve({ limits: { stalledMs: 0 } }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(XdsOptionError);
  expect(error).toMatchObject({ option: "limits.stalledMs" });
});

describe("streamsPerPeer", () => {
  test("ends what one address opens beyond it, and lets it open another when one is over", async () => {
    const { server, limited } = await serve({ limits: { streamsPerPeer: 2 } });
    await using _server = server;
    const open = () => rawXds({ address: server.address, mode: "delta" });
    await using first = open();
    const second = open();
    for (const stream of [first, second]) {
      stream.send(hello);
      stream.ack(await stream.next());
    }
    await using third = open();
    third.send(hello);
    expect(await third.closed).toEqual({
      code: status.RESOURCE_EXHAUSTED,
      details: "more than 2 streams of one client",
    });
    expect(limited()).toEqual(["streamsPerPeer"]);
    await server.converged(snapshot.version, { clients: 2 });
    await second[Symbol.asyncDispose]();
    await eventually(() => expect(server.clients()).toHaveLength(1));
    await using fourth = open();
    fourth.send(hello);
    expect((await fourth.next()).resources).toHaveLength(1);
  });

  test("counts certificates instead of addresses where there are any", async () => {
    const ca = await authority();
    const own = await ca.issue("control-plane");
    const pair = { cert_chain: Buffer.from(own.cert), private_key: Buffer.from(own.key) };
    const credentials = ServerCredentials.createSsl(Buffer.from(ca.cert), [pair], true);
    const { server, limited } = await serve({ credentials, limits: { streamsPerPeer: 1 } });
    await using _server = server;
    const open = async (name: string) => {
      const { cert, key } = await ca.issue(name, [`spiffe://mesh/${name}`]);
      const tls = ChannelCredentials.createSsl(Buffer.from(ca.cert), Buffer.from(key), Buffer.from(cert));
      return rawXds({ address: `localhost:${server.port}`, mode: "delta", credentials: tls });
    };
    await using web = await open("web");
    await using api = await open("api");
    for (const stream of [web, api]) {
      stream.send(hello);
      expect((await stream.next()).resources).toHaveLength(1);
    }
    // A new certificate of the same names is the same client.
    await using again = await open("web");
    expect((await again.closed).code).toBe(status.RESOURCE_EXHAUSTED);
    expect(limited()).toEqual(["streamsPerPeer"]);
  });

  test("does not count Unix sockets, on which nobody has an address", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rxds-"));
    try {
      const { server } = await serve({ address: `unix:${folder}/xds.sock`, limits: { streamsPerPeer: 1 } });
      await using _server = server;
      const open = () => rawXds({ address: server.address, mode: "delta" });
      await using first = open();
      await using second = open();
      for (const stream of [first, second]) {
        stream.send(hello);
        expect((await stream.next()).resources).toHaveLength(1);
      }
      expect(server.clients()).toHaveLength(2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("streamsPerConnection", () => {
  test("lets further streams of a connection wait until one has ended", async () => {
    const { server } = await serve({ limits: { streamsPerConnection: 1 } });
    await using _server = server;
    // One connection for both.
    const channelOptions = { "grpc.use_local_subchannel_pool": 0, "grpc.primary_user_agent": "shared" };
    const first = rawXds({ address: server.address, mode: "delta", channelOptions });
    first.send(hello);
    await first.next();
    await using second = rawXds({ address: server.address, mode: "delta", channelOptions });
    second.send({ ...hello, node: { id: "n2" } });
    await using elsewhere = rawXds({ address: server.address, mode: "delta" });
    elsewhere.send({ ...hello, node: { id: "n3" } });
    await elsewhere.next();
    expect(server.clients().map(({ node }) => node.id)).toEqual(["n1", "n3"]);
    await first[Symbol.asyncDispose]();
    expect((await second.next()).resources).toHaveLength(1);
  });
});

describe("firstRequestMs", () => {
  test("ends a stream that asks for nothing, and no other", async () => {
    const { server, limited } = await serve({ limits: { firstRequestMs: 500 } });
    await using _server = server;
    await using talker = rawXds({ address: server.address, mode: "delta" });
    talker.send(hello);
    await using mute = rawXds({ address: server.address, mode: "sotw" });
    const { code, details } = await mute.closed;
    expect([code, details]).toEqual([status.DEADLINE_EXCEEDED, "no request within 500 ms"]);
    expect(limited()).toEqual(["firstRequestMs"]);
    expect((await talker.next()).resources).toHaveLength(1);
    expect(server.clients()).toHaveLength(1);
  });
});

describe("keepaliveMs", () => {
  test("is how often a connection is checked: one that does not answer in time is closed", async () => {
    // Nobody answers within no time at all.
    const { server } = await serve({ keepaliveMs: 100, keepaliveTimeoutMs: 1 });
    await using _server = server;
    await using stream = rawXds({ address: server.address, mode: "delta" });
    stream.send(hello);
    expect((await stream.closed).code).toBe(status.UNAVAILABLE);
    await eventually(() => expect(server.clients()).toEqual([]));
  });
});

describe("connectionAgeMs", () => {
  test("moves a client to another connection, and it is not sent again what it holds", async () => {
    const { server, events } = await serve({ limits: { connectionAgeMs: 1000 } });
    await using _server = server;
    const client = createXdsClient({
      address: server.address,
      node: { id: "n1" },
      reconnect: { minMs: 10, maxMs: 20 },
    });
    try {
      const clusters = client.subscribe(typeUrls.cluster, "*");
      await clusters.synced({ deadlineMs: 5000 });
      const addresses = () => events.flatMap((event) => (event.kind === "connected" ? [event.address] : []));
      await eventually(() => expect(new Set(addresses()).size).toBeGreaterThanOrEqual(3), { deadlineMs: 20_000 });
      const sent = events.flatMap((event) => (event.kind === "sent" ? event.names : []));
      expect(sent).toEqual(["a"]);
    } finally {
      await client.close();
    }
  });

  test("ends a stream so that its client reconnects", async () => {
    const { server, limited } = await serve({ limits: { connectionAgeMs: 1000 } });
    await using _server = server;
    await using stream = rawXds({ address: server.address, mode: "delta" });
    stream.send(hello);
    stream.ack(await stream.next());
    expect(await stream.closed).toEqual({ code: status.UNAVAILABLE, details: "the connection is old: reconnect" });
    expect(limited()).toEqual([]);
  });
});
