import type { DeltaDiscoveryRequest } from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { afterEach, expect, test, vi } from "vitest";
import { type ScriptedServer, type ServerSide, startScriptedServer } from "../spec-support/scripted-server.js";
import { createXdsClient, type XdsClient } from "./client.js";
import type { XdsClientEvent } from "./events.js";
import type { XdsChange } from "./subscription.js";

const TYPE = "type.googleapis.com/test.Thing";
const OTHER = "type.googleapis.com/test.Other";

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A change that waits to be confirmed. */
interface Asked {
  readonly change: XdsChange;
  resolve(): void;
  reject(error: Error): void;
}

/** A client that follows everything of a type, and the stream on which it does. */
async function following() {
  const server: ScriptedServer = await startScriptedServer();
  cleanUps.push(() => server.stop());
  const events: XdsClientEvent[] = [];
  const client: XdsClient = createXdsClient({
    address: server.address,
    node: { id: "n1" },
    reconnect: { minMs: 5, maxMs: 50 },
    logger: (event) => void events.push(event),
  });
  cleanUps.push(() => client.close());
  const asked: Asked[] = [];
  const confirm = (change: XdsChange) =>
    new Promise<void>((resolve, reject) => asked.push({ change, resolve, reject }));
  const subscription = client.subscribe(TYPE, "*", { confirm });
  const stream = await server.stream();
  await stream.request();
  const askedFor = (count: number) =>
    vi.waitFor(() => expect(asked.length).toBe(count), { timeout: 10_000, interval: 5 });
  return { server, client, subscription, stream, events, asked, askedFor };
}

const thing = (name: string, version = "1", type = TYPE) => ({
  name,
  version,
  resource: { typeUrl: type, value: Buffer.from(version) },
});

const send = (stream: ServerSide, nonce: string, ...resources: ReturnType<typeof thing>[]) =>
  stream.send({ typeUrl: TYPE, nonce, resources });

const answerIn = ({ responseNonce, errorDetail }: DeltaDiscoveryRequest) => [responseNonce, errorDetail?.message];

test("a response is acknowledged when it is confirmed, and answers keep the order of responses", async () => {
  const { stream, subscription, asked, askedFor } = await following();
  send(stream, "n1", thing("a"));
  send(stream, "n2", thing("b"));
  await askedFor(2);
  expect(asked.map(({ change }) => change.upserts.map(({ name }) => name))).toEqual([["a"], ["b"]]);
  expect([...subscription.resources.keys()]).toEqual(["a", "b"]);
  asked[1]!.resolve();
  asked[0]!.resolve();
  expect([(await stream.request()).responseNonce, (await stream.request()).responseNonce]).toEqual(["n1", "n2"]);
});

test("other types are not held up", async () => {
  const { client, stream, asked, askedFor } = await following();
  send(stream, "n1", thing("a"));
  await askedFor(1);
  client.subscribe(OTHER, "*");
  expect((await stream.request()).typeUrl).toBe(OTHER);
  stream.send({ typeUrl: OTHER, nonce: "n2", resources: [thing("x", "1", OTHER)] });
  expect((await stream.request()).responseNonce).toBe("n2");
  asked[0]!.resolve();
  expect((await stream.request()).responseNonce).toBe("n1");
});

test("what is not confirmed is refused with the error's message", async () => {
  const { stream, events, asked, askedFor } = await following();
  send(stream, "n1", thing("a"));
  await askedFor(1);
  asked[0]!.reject(new Error("the disk is full"));
  const nack = await stream.request();
  expect(nack).toMatchObject({ responseNonce: "n1", errorDetail: { code: 13, message: "the disk is full" } });
  expect(events.at(-1)).toEqual({ kind: "refused", typeUrl: TYPE, nonce: "n1", reasons: ["the disk is full"] });
  // Sent again, it is to be confirmed again, though it is held.
  send(stream, "n2", thing("a"));
  await askedFor(2);
  expect(asked[1]!.change.upserts.map(({ name }) => name)).toEqual(["a"]);
  asked[1]!.resolve();
  expect(answerIn(await stream.request())).toEqual(["n2", undefined]);
  // From now on the same content is no news.
  send(stream, "n3", thing("a"));
  expect((await stream.request()).responseNonce).toBe("n3");
  expect(asked.length).toBe(2);
});

test("an answer that waits when the stream is lost is not given, and its resources are not said to be held", async () => {
  const { server, stream, asked, askedFor } = await following();
  send(stream, "n1", thing("sure"));
  await askedFor(1);
  asked[0]!.resolve();
  await stream.request();
  send(stream, "n2", thing("a"));
  await askedFor(2);
  stream.end();
  const second = await server.stream();
  expect((await second.request()).initialResourceVersions).toEqual({ sure: "1", a: "" });
  send(second, "n1", thing("a"));
  await askedFor(3);
  expect(asked[2]!.change.upserts.map(({ name }) => name)).toEqual(["a"]);
  asked[2]!.resolve();
  expect(answerIn(await second.request())).toEqual(["n1", undefined]);
});

test("what is confirmed after the stream was lost is said to be held on the next", async () => {
  const { server, client, stream, asked, askedFor } = await following();
  send(stream, "n1", thing("a"));
  await askedFor(1);
  const lost = new Promise<void>((resolve) => {
    client.status$.subscribe(({ state }) => {
      if (state === "backoff") resolve();
    });
  });
  stream.end();
  await lost;
  asked[0]!.resolve();
  expect((await (await server.stream()).request()).initialResourceVersions).toEqual({ a: "1" });
});

test("a thrown error refuses a response too, and a closed subscription confirms nothing", async () => {
  const { client, stream, subscription } = await following();
  subscription.close();
  expect((await stream.request()).resourceNamesUnsubscribe).toEqual(["*"]);
  const other = client.subscribe(TYPE, "*", {
    confirm: () => {
      throw new Error("never");
    },
  });
  expect((await stream.request()).resourceNamesSubscribe).toEqual(["*"]);
  send(stream, "n1", thing("a"));
  expect((await stream.request()).errorDetail?.message).toBe("never");
  other.close();
  expect((await stream.request()).resourceNamesUnsubscribe).toEqual(["*"]);
  client.subscribe(TYPE, "*");
  await stream.request();
  send(stream, "n2", thing("a"));
  expect(answerIn(await stream.request())).toEqual(["n2", undefined]);
});
