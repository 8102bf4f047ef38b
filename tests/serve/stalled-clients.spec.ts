import { constants } from "node:http2";
import { eventually, rawXds } from "@rxds/testkit";
import { createStore, serveXds, typeUrls, type XdsLimits, type XdsServer } from "rxds";
import { expect, test } from "vitest";
import { large, record } from "./large.js";
import { nonReader } from "./non-reader.js";

const MEGABYTE = 1 << 20;
const typeUrl = typeUrls.secret;

async function serve(bytes: number, limits: XdsLimits) {
  const store = createStore();
  store.update((tx) => tx.set(large(bytes)));
  const server = await serveXds({ address: "127.0.0.1:0", snapshots: store, limits });
  return { store, server, ...record(server) };
}

const ask = (id: string) => ({ typeUrl, node: { id }, resourceNamesSubscribe: ["large"] });

/** A client that asks for the large resource. */
function open(server: XdsServer, id: string) {
  const stream = rawXds({ address: server.address, mode: "delta" });
  stream.send(ask(id));
  return stream;
}

/** One that does not read it. */
function openStalled(server: XdsServer) {
  const stream = nonReader(server.address);
  stream.send(ask("stalled"));
  return stream;
}

const idsOf = (server: XdsServer) => server.clients().map(({ node }) => node.id);

test("a client that reads nothing for too long is cut off, and no other", async () => {
  const { store, server, limited } = await serve(4 * MEGABYTE, { stalledMs: 1500 });
  await using _server = server;
  await using reader = open(server, "reader");
  reader.ack(await reader.next());
  await using stalled = openStalled(server);
  await eventually(() => expect(limited()).toEqual(["stalledMs"]));
  expect(idsOf(server)).toEqual(["reader"]);
  // What it did not read is thrown away, not kept until it reads on.
  expect(await stalled.reset).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  // A client that has read everything may be silent for as long as it likes.
  store.update((tx) => tx.set(large(MEGABYTE, 1)));
  reader.ack(await reader.next());
  await server.converged();
  expect(limited()).toEqual(["stalledMs"]);
});

test("a client that breaks the rules while it does not read is cut off too, with what waits for it", async () => {
  const { server, events } = await serve(4 * MEGABYTE, {});
  await using _server = server;
  await using stalled = openStalled(server);
  await eventually(() => expect(events.map(({ kind }) => kind)).toContain("sent"));
  stalled.sendBytes(Buffer.from([0x0a, 0xff]));
  await eventually(() => expect(idsOf(server)).toEqual([]));
  // It has some seconds to read on and hear why.
  expect(await stalled.reset).toBe(constants.NGHTTP2_CANCEL);
});

test("initial pushes wait while too much is under way, and go in the order in which they were asked for", async () => {
  const { server, events } = await serve(MEGABYTE, { initialBytes: 1000 });
  await using _server = server;
  const ids = Array.from({ length: 20 }, (_, i) => `n${i}`);
  const streams = ids.map((id) => open(server, id));
  for (const stream of streams) stream.ack(await stream.next({ deadlineMs: 20_000 }));
  await server.converged(undefined, { clients: ids.length });
  const nodes = (kind: string) =>
    events.flatMap((event) => (event.kind === kind && "node" in event ? event.node.id : []));
  expect(nodes("sent")).toEqual(nodes("connected"));
  for (const stream of streams) await stream[Symbol.asyncDispose]();
});

test("a client that does not read its first response does not hold up others for ever", async () => {
  const { store, server, events, limited } = await serve(4 * MEGABYTE, { initialBytes: 1000, stalledMs: 8000 });
  await using _server = server;
  await using old = open(server, "old");
  old.ack(await old.next());
  await server.converged(undefined, { clients: 1 });
  await using _stalled = openStalled(server);
  const statusOf = (id: string) => server.clients().find(({ node }) => node.id === id)?.types[0];
  await eventually(() => expect(statusOf("stalled")?.inFlight).toHaveLength(1));
  await using waiting = open(server, "waiting");
  await eventually(() => expect(statusOf("waiting")).toMatchObject({ pending: true, inFlight: [] }));
  // Who has something already gets what changes meanwhile.
  store.update((tx) => tx.set(large(4 * MEGABYTE, 1)));
  old.ack(await old.next());
  expect(limited()).toEqual([]);
  const first = await waiting.next({ deadlineMs: 20_000 });
  expect(first.resources.map(({ version }) => version)).toEqual([store.get(typeUrl, "large")!.version]);
  // A quarter of the time is enough when somebody waits.
  const ended = events.filter(({ kind }) => kind === "limited");
  expect(ended).toMatchObject([{ limit: "stalledMs", detail: expect.stringContaining("for 2000 ms") }]);
});

test("who waits and goes away leaves the line to others", async () => {
  const { server, limited } = await serve(4 * MEGABYTE, { initialBytes: 1000 });
  await using _server = server;
  const stalled = openStalled(server);
  await eventually(() => expect(server.clients()[0]?.types[0]?.inFlight).toHaveLength(1));
  const leaver = open(server, "leaver");
  await eventually(() => expect(idsOf(server)).toEqual(["stalled", "leaver"]));
  await using last = open(server, "last");
  await eventually(() => expect(server.clients()[2]?.types[0]?.pending).toBe(true));
  await leaver[Symbol.asyncDispose]();
  await stalled[Symbol.asyncDispose]();
  expect((await last.next()).resources).toHaveLength(1);
  expect(limited()).toEqual([]);
});
