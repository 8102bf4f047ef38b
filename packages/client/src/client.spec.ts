import { create, toBinary } from "@bufbuild/protobuf";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type ScriptedServer, startScriptedServer } from "../spec-support/scripted-server.js";
import { createXdsClient, type XdsClient } from "./client.js";
import type { XdsClientEvent } from "./events.js";
import type { XdsClientOptions } from "./options.js";

const TYPE = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
const OTHER = "type.googleapis.com/test.Other";
const deadline = { timeout: 10_000, interval: 5 };

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function startServer(port = 0): Promise<ScriptedServer> {
  const server = await startScriptedServer(port);
  cleanUps.push(() => server.stop());
  return server;
}

function startClient(address: string, options: Partial<XdsClientOptions> = {}): XdsClient {
  const client = createXdsClient({ address, node: { id: "n1" }, reconnect: { minMs: 5, maxMs: 50 }, ...options });
  cleanUps.push(() => client.close());
  return client;
}

function cluster(name: string, version = "1") {
  const value = toBinary(ClusterSchema, create(ClusterSchema, { name, altStatName: version }));
  return { name, version, resource: { typeUrl: TYPE, value } };
}

describe("a client", () => {
  test("subscribes, holds what comes, and acknowledges it", async () => {
    const server = await startServer();
    const client = startClient(server.address, { node: { id: "n1", cluster: "c1", metadata: { role: "test" } } });
    const subscription = client.subscribe(ClusterSchema, ["a", "nothing"]);
    const stream = await server.stream();
    const first = await stream.request();
    expect(first).toMatchObject({ typeUrl: TYPE, resourceNamesSubscribe: ["a", "nothing"], responseNonce: "" });
    expect(first.node).toMatchObject({ id: "n1", cluster: "c1", metadata: { role: "test" } });
    stream.send({ typeUrl: TYPE, nonce: "n1", resources: [cluster("a")], removedResources: ["nothing"] });
    await subscription.synced({ deadlineMs: 10_000 });
    expect(subscription.resources.get("a")?.decode(ClusterSchema).name).toBe("a");
    expect([...subscription.missing]).toEqual(["nothing"]);
    const ack = await stream.request();
    expect(ack).toMatchObject({ responseNonce: "n1", resourceNamesSubscribe: [] });
    expect([ack.node, ack.errorDetail]).toEqual([undefined, undefined]);
  });

  test("repeats the node when it is told to", async () => {
    const server = await startServer();
    const client = startClient(server.address, { nodeOnFirstMessageOnly: false });
    client.subscribe(TYPE, "a");
    client.subscribe(OTHER, "b");
    const stream = await server.stream();
    expect([(await stream.request()).node?.id, (await stream.request()).node?.id]).toEqual(["n1", "n1"]);
  });

  test("gathers the changes of one turn in one request per type", async () => {
    const server = await startServer();
    const client = startClient(server.address);
    const subscription = client.subscribe(TYPE, "*");
    const stream = await server.stream();
    expect((await stream.request()).resourceNamesSubscribe).toEqual(["*"]);
    subscription.add("a");
    subscription.add(["b", "c"]);
    subscription.remove("b");
    client.subscribe(OTHER, "d");
    expect(await stream.request()).toMatchObject({ typeUrl: TYPE, resourceNamesSubscribe: ["a", "c"] });
    expect(await stream.request()).toMatchObject({ typeUrl: OTHER, resourceNamesSubscribe: ["d"] });
  });

  test("refuses a response with an undecodable resource, and keeps the last good one", async () => {
    const server = await startServer();
    const events: XdsClientEvent[] = [];
    const client = startClient(server.address, { logger: (event) => void events.push(event) });
    const subscription = client.subscribe(ClusterSchema, "*");
    const stream = await server.stream();
    await stream.request();
    stream.send({ typeUrl: TYPE, nonce: "n1", resources: [cluster("a")] });
    expect((await stream.request()).errorDetail).toBeUndefined();
    const bad = { name: "b", version: "1", resource: { typeUrl: TYPE, value: Buffer.from([0xff]) } };
    stream.send({ typeUrl: TYPE, nonce: "n2", resources: [cluster("a", "2"), bad] });
    const nack = await stream.request();
    expect(nack).toMatchObject({ responseNonce: "n2", errorDetail: { code: 13 } });
    expect(nack.errorDetail?.message).toMatch(/^"b": .*not a valid envoy.config.cluster.v3.Cluster/);
    expect([...subscription.resources.values()].map(({ version }) => version)).toEqual(["1"]);
    expect(events.map(({ kind }) => kind).filter((kind) => kind !== "status")).toEqual(["accepted", "refused"]);
  });

  test("refuses what the user does not accept, and takes the next version", async () => {
    const server = await startServer();
    const client = startClient(server.address, {
      accept: ({ version }) => (version === "bad" ? "I said no" : undefined),
    });
    const subscription = client.subscribe(TYPE, "a");
    const stream = await server.stream();
    await stream.request();
    stream.send({ typeUrl: TYPE, nonce: "n1", resources: [cluster("a", "bad")] });
    expect((await stream.request()).errorDetail?.message).toBe('"a": I said no');
    expect(subscription.resources.size).toBe(0);
    stream.send({ typeUrl: TYPE, nonce: "n2", resources: [cluster("a", "good")] });
    expect((await stream.request()).errorDetail).toBeUndefined();
    expect(subscription.get("a")?.version).toBe("good");
  });

  test("ignores a type that it did not ask for", async () => {
    const server = await startServer();
    const events: XdsClientEvent[] = [];
    const client = startClient(server.address, { logger: (event) => void events.push(event) });
    client.subscribe(TYPE, "a");
    const stream = await server.stream();
    await stream.request();
    stream.send({ typeUrl: OTHER, nonce: "o1", removedResources: ["x"] });
    stream.send({ typeUrl: TYPE, nonce: "n1", resources: [cluster("a")] });
    expect((await stream.request()).responseNonce).toBe("n1");
    expect(events).toContainEqual({ kind: "ignored", typeUrl: OTHER, nonce: "o1" });
  });

  test("drops a resource whose time to live is over", async () => {
    const server = await startServer();
    const client = startClient(server.address);
    const subscription = client.subscribe(TYPE, "*");
    const removals: string[] = [];
    subscription.changes$.subscribe((change) => removals.push(...change.removals));
    const stream = await server.stream();
    await stream.request();
    const mortal = { ...cluster("a"), ttl: { seconds: 0n, nanos: 20_000_000 } };
    stream.send({ typeUrl: TYPE, nonce: "n1", resources: [mortal, cluster("b")] });
    await vi.waitFor(() => expect(removals).toEqual(["a"]), deadline);
    expect([...subscription.resources.keys()]).toEqual(["b"]);
  });
});

describe("holds", () => {
  test("resolves with the resource in the version that is asked for", async () => {
    const server = await startServer();
    const client = startClient(server.address);
    client.subscribe(TYPE, "*");
    const waiting = client.holds(TYPE, "a", "2", { deadlineMs: 10_000 });
    const stream = await server.stream();
    await stream.request();
    stream.send({ typeUrl: TYPE, nonce: "n1", resources: [cluster("a", "1")] });
    expect((await client.holds(ClusterSchema, "a")).version).toBe("1");
    stream.send({ typeUrl: TYPE, nonce: "n2", resources: [cluster("a", "2")] });
    expect((await waiting).decode(ClusterSchema).altStatName).toBe("2");
  });

  test("tells what is held instead when its time is over", async () => {
    const server = await startServer();
    const client = startClient(server.address);
    client.subscribe(TYPE, "*");
    const stream = await server.stream();
    await stream.request();
    stream.send({ typeUrl: TYPE, nonce: "n1", resources: [cluster("a", "1")] });
    await client.holds(TYPE, "a");
    await expect(client.holds(TYPE, "a", "2", { deadlineMs: 1 })).rejects.toMatchObject({
      code: "timeout",
      message: `after 1 ms: "a" of ${TYPE} in version "2" was awaited; it is held in version "1"; the state of the connection is connected`,
      details: { typeUrl: TYPE, name: "a" },
    });
    await expect(client.holds(OTHER, "x", undefined, { deadlineMs: 1 })).rejects.toThrow(/"x".* is not held/);
  });
});

describe("after its stream was lost a client", () => {
  test("restates its subscriptions with the versions it holds", async () => {
    const server = await startServer();
    const client = startClient(server.address);
    const clusters = client.subscribe(TYPE, ["*", "gone"]);
    const others = client.subscribe(OTHER, ["x"]);
    const first = await server.stream();
    expect(await first.request()).toMatchObject({ initialResourceVersions: {} });
    await first.request();
    first.send({ typeUrl: TYPE, nonce: "n1", resources: [cluster("a", "7")], removedResources: ["gone"] });
    await clusters.synced();
    first.end(14);
    const second = await server.stream();
    const restated = [await second.request(), await second.request()];
    restated.sort((a, b) => a.typeUrl.localeCompare(b.typeUrl));
    expect(restated).toMatchObject([
      { typeUrl: TYPE, resourceNamesSubscribe: ["*", "gone"], initialResourceVersions: { a: "7" }, responseNonce: "" },
      { typeUrl: OTHER, resourceNamesSubscribe: ["x"], initialResourceVersions: {}, responseNonce: "" },
    ]);
    expect(restated.filter(({ node }) => node?.id === "n1")).toHaveLength(1);
    expect([...clusters.resources.keys()]).toEqual(["a"]);
    expect(others.resources.size).toBe(0);
    await clusters.synced();
    second.send({ typeUrl: TYPE, nonce: "m1", removedResources: ["a"] });
    expect((await second.request()).responseNonce).toBe("m1");
    expect(clusters.resources.size).toBe(0);
  });

  test("comes back to a server that was away, with what changed meanwhile", async () => {
    const server = await startServer();
    const client = startClient(server.address);
    const subscription = client.subscribe(TYPE, ["a", "b"]);
    const first = await server.stream();
    await first.request();
    first.send({ typeUrl: TYPE, nonce: "n1", resources: [cluster("a"), cluster("b")] });
    await subscription.synced();
    await server.stop();
    await vi.waitFor(() => expect(client.status).toMatchObject({ state: "backoff" }), deadline);
    await vi.waitFor(() => expect(client.status.attempts).toBeGreaterThan(2), deadline);
    expect(client.status.error).toMatchObject({ code: "stream", details: { grpcStatus: 14 } });
    expect([...subscription.resources.keys()]).toEqual(["a", "b"]);
    subscription.remove("a");
    subscription.add("c");
    const again = await startServer(Number(server.address.split(":")[1]));
    const second = await again.stream();
    expect(await second.request()).toMatchObject({
      resourceNamesSubscribe: ["b", "c"],
      resourceNamesUnsubscribe: [],
      initialResourceVersions: { b: "1" },
    });
    second.send({ typeUrl: TYPE, nonce: "m1", resources: [cluster("c")] });
    await subscription.synced();
    expect(client.status).toEqual({ state: "connected", attempts: 0 });
  });

  test("connects again when the server ended the stream in good order, or sent what nobody can understand", async () => {
    const server = await startServer();
    const client = startClient(server.address);
    client.subscribe(TYPE, "a");
    const errors: (string | undefined)[] = [];
    client.status$.subscribe(({ state, error }) => state === "backoff" && errors.push(error?.code));
    const first = await server.stream();
    await first.request();
    first.end();
    const second = await server.stream();
    await second.request();
    second.sendBytes(Buffer.from([0xff, 0xff, 0xff]));
    const third = await server.stream();
    expect((await third.request()).resourceNamesSubscribe).toEqual(["a"]);
    expect(errors).toEqual([undefined, "undecodable"]);
    await vi.waitFor(() => expect(second.over).toBe(true), deadline);
  });

  test("does not take a message that is larger than its limit", async () => {
    const server = await startServer();
    const client = startClient(server.address, { maxMessageBytes: 1000 });
    client.subscribe(TYPE, "a");
    const first = await server.stream();
    await first.request();
    first.sendBytes(Buffer.alloc(1001));
    const second = await server.stream();
    await second.request();
    expect(client.status.error?.details.grpcStatus).toBe(8);
  });
});

test("a server that does not read gets the changes that gather meanwhile in few requests, none lost", async () => {
  const server = await startServer();
  const client = startClient(server.address);
  const subscription = client.subscribe(TYPE, "first");
  const stream = await server.stream();
  await stream.request();
  stream.read(false);
  const long = "x".repeat(10_000);
  for (let turn = 0; turn < 100; turn++) {
    subscription.add(`${turn} ${long}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  stream.read(true);
  const names = () => stream.requests.flatMap(({ resourceNamesSubscribe }) => resourceNamesSubscribe);
  await vi.waitFor(() => expect(names().length).toBe(101), deadline);
  expect(new Set(names()).size).toBe(101);
  expect(stream.requests.length).toBeLessThan(50);
});

test("a server that sends without reading the answers is read no further, and nothing is lost", async () => {
  const server = await startServer();
  let seen = 0;
  const logger = ({ kind }: XdsClientEvent) => {
    if (kind === "accepted") seen++;
  };
  const client = startClient(server.address, { logger });
  const subscription = client.subscribe(TYPE, "*");
  const stream = await server.stream();
  await stream.request();
  stream.read(false);
  const nonce = "n".repeat(60_000);
  for (let index = 0; index < 200; index++) stream.send({ typeUrl: TYPE, nonce: `${index} ${nonce}` });
  subscription.add("a");
  await vi.waitFor(() => expect(seen).toBeGreaterThan(32), deadline);
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toBeLessThan(100);
  stream.read(true);
  const answers = () => stream.requests.filter(({ responseNonce }) => responseNonce !== "");
  await vi.waitFor(() => expect(answers().length).toBe(200), deadline);
  expect(answers().map(({ responseNonce }) => Number.parseInt(responseNonce, 10))).toEqual([...Array(200).keys()]);
});

describe("close", () => {
  test("sends what is pending, ends the stream, completes and rejects", async () => {
    const server = await startServer();
    const client = startClient(server.address);
    const subscription = client.subscribe(TYPE, "a");
    let completed = 0;
    client.status$.subscribe({ complete: () => void completed++ });
    subscription.changes$.subscribe({ complete: () => void completed++ });
    const waiting = [client.holds(TYPE, "never"), subscription.synced()];
    const rejected = Promise.allSettled(waiting);
    const stream = await server.stream();
    await stream.request();
    subscription.add("b");
    await client.close();
    expect((await stream.request()).resourceNamesSubscribe).toEqual(["b"]);
    expect(stream.halfClosed).toBe(true);
    expect(completed).toBe(2);
    for (const each of await rejected) expect(each).toMatchObject({ status: "rejected", reason: { code: "closed" } });
    expect(client.status.state).toBe("closed");
    expect(() => client.subscribe(TYPE, "a")).toThrow(expect.objectContaining({ code: "closed" }));
    expect(() => subscription.add("c")).toThrow(expect.objectContaining({ code: "closed" }));
    await expect(client.holds(TYPE, "a")).rejects.toMatchObject({ code: "closed" });
    await client.close();
  });

  test("works while there is no server", async () => {
    const server = await startServer();
    await server.stop();
    const client = startClient(server.address);
    client.subscribe(TYPE, "a");
    await vi.waitFor(() => expect(client.status.state).toBe("backoff"), deadline);
    await client.close();
    expect(client.status.state).toBe("closed");
  });
});

test("an address that grpc-js cannot use is a typed error", () => {
  expect(() => createXdsClient({ address: "", insecure: true, node: { id: "n" } })).toThrow(
    expect.objectContaining({ code: "invalid-argument", details: { argument: "address" } }),
  );
});

test("empty names and types are refused", async () => {
  const server = await startServer();
  const client = startClient(server.address);
  expect(() => client.subscribe(TYPE, ["a", ""])).toThrow(expect.objectContaining({ code: "invalid-argument" }));
  expect(() => client.subscribe("", "a")).toThrow(expect.objectContaining({ code: "invalid-argument" }));
});
