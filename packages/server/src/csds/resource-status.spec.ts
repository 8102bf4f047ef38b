import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { createStore, endpoints, typeUrls } from "@rxds/core";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { describe, expect, test } from "vitest";
import type { Protocol } from "../fanout/body-cache.js";
import type { Channel } from "../stream/channel.js";
import { withNonce } from "../wire/response.js";
import { createXdsCore } from "../xds-core.js";
import type { XdsLimits } from "../xds-options.js";
import { resourceStatuses } from "./resource-status.js";

const EDS = typeUrls.endpoints;
const hosts = (name: string, revision = 1) => endpoints(name, [`127.0.0.1:${revision}`]);

/** A server and one stream in memory, that moves on only when the test says so. */
function lab(protocol: Protocol, limits: XdsLimits = {}) {
  const store = createStore();
  const put = (...items: readonly ReturnType<typeof hosts>[]) => store.update((tx) => tx.set(...items));
  put(hosts("a"), hosts("b"));
  const core = createXdsCore({ snapshots: store, limits });
  const responses: { readonly nonce: string; readonly version: string }[] = [];
  const undone: (() => void)[] = [];
  const channel: Channel = {
    peer: { address: "memory", certificate: undefined, metadata: new Map() },
    write(body, nonce, done) {
      const bytes = withNonce(body, nonce);
      const version =
        protocol === "sotw"
          ? fromBinary(DiscoveryResponseSchema, bytes).versionInfo
          : readDelta(bytes).systemVersionInfo;
      responses.push({ nonce, version });
      undone.push(done);
    },
    pause: () => {},
    resume: () => {},
    end: () => {},
  };
  const stream = core.open(channel, protocol, undefined);
  const say = <Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>) =>
    stream.message(Buffer.from(toBinary(schema, create(schema, init))));
  const statusesOf = () => {
    const [open] = core.streams;
    return resourceStatuses(open!.subscriptions.get(EDS)!);
  };
  const names = ["a", "b", "none"];
  const node = { id: "n" };
  return {
    put,
    close: () => core.close(),
    /** The transport has passed on what it was given. */
    taken() {
      for (const done of undone.splice(0)) done();
    },
    ask() {
      if (protocol === "sotw") say(DiscoveryRequestSchema, { node, typeUrl: EDS, resourceNames: names });
      else say(DeltaDiscoveryRequestSchema, { node, typeUrl: EDS, resourceNamesSubscribe: names });
    },
    /** Answers the newest response. */
    answer(message?: string) {
      const { nonce, version } = responses.at(-1)!;
      const rest = message === undefined ? {} : { errorDetail: { code: 13, message } };
      if (protocol === "delta") say(DeltaDiscoveryRequestSchema, { typeUrl: EDS, responseNonce: nonce, ...rest });
      else {
        const versionInfo = message === undefined ? version : "";
        say(DiscoveryRequestSchema, { typeUrl: EDS, responseNonce: nonce, versionInfo, resourceNames: names, ...rest });
      }
    },
    /** Lets the event loop turn until so many responses were written. */
    async responses(count: number) {
      for (let n = 0; responses.length < count; n++) {
        if (n === 100_000) throw new Error(`${responses.length} responses after 100,000 turns of the event loop`);
        await new Promise(setImmediate);
      }
    },
    statusesOf,
    statuses: () => Object.fromEntries([...statusesOf()].map(({ name, status }) => [name, status])),
  };
}

const readDelta = (bytes: Buffer) => fromBinary(DeltaDiscoveryResponseSchema, bytes);

describe.each<Protocol>(["delta", "sotw"])("%s", (protocol) => {
  test("a resource goes from NOT_SENT over STALE to SYNCED, and again when it changes", async () => {
    const { put, ask, answer, responses, statuses, close } = lab(protocol);
    ask();
    expect(statuses()).toEqual({ a: "NOT_SENT", b: "NOT_SENT", none: "NOT_SENT" });
    await responses(1);
    expect(statuses()).toEqual({ a: "STALE", b: "STALE", none: "NOT_SENT" });
    answer();
    expect(statuses()).toEqual({ a: "SYNCED", b: "SYNCED", none: "NOT_SENT" });
    put(hosts("b", 2));
    expect(statuses()).toEqual({ a: "SYNCED", b: "NOT_SENT", none: "NOT_SENT" });
    await responses(2);
    expect(statuses()).toEqual({ a: "SYNCED", b: "STALE", none: "NOT_SENT" });
    answer();
    put(hosts("none"));
    await responses(3);
    answer();
    expect(statuses()).toEqual({ a: "SYNCED", b: "SYNCED", none: "SYNCED" });
    close();
  });

  test("a rejected resource is ERROR until there is other content to send", async () => {
    const { put, ask, answer, responses, statuses, close } = lab(protocol);
    ask();
    await responses(1);
    answer();
    put(hosts("b", 2));
    await responses(2);
    answer("b: malformed");
    expect(statuses()).toEqual({ a: "SYNCED", b: "ERROR", none: "NOT_SENT" });
    put(hosts("a", 2));
    await responses(3);
    answer();
    expect(statuses()).toEqual({ a: "SYNCED", b: "ERROR", none: "NOT_SENT" });
    put(hosts("b", 3));
    expect(statuses()).toMatchObject({ b: "NOT_SENT" });
    await responses(4);
    answer();
    expect(statuses()).toEqual({ a: "SYNCED", b: "SYNCED", none: "NOT_SENT" });
    close();
  });
});

test.each<Protocol>(["delta", "sotw"])(
  "%s: what goes again after a rejection is ERROR until it does",
  async (protocol) => {
    const { ask, answer, responses, statuses, close } = lab(protocol);
    ask();
    await responses(1);
    answer("something is wrong");
    expect(statuses()).toEqual({ a: "ERROR", b: "ERROR", none: "NOT_SENT" });
    await responses(2);
    expect(statuses()).toMatchObject({ a: "STALE" });
    close();
  },
);

test("what is in a later part of a large response is NOT_SENT", async () => {
  const { put, ask, answer, responses, statuses, taken, close } = lab("delta", { responseBytes: 1 });
  // More than a transport is given before it has passed it on.
  put(
    endpoints(
      "a",
      Array.from({ length: 4000 }, (_, n) => `10.0.${n >> 8}.${n & 255}:80`),
    ),
  );
  ask();
  await responses(1);
  expect(statuses()).toEqual({ a: "STALE", b: "NOT_SENT", none: "NOT_SENT" });
  answer();
  expect(statuses()).toEqual({ a: "SYNCED", b: "NOT_SENT", none: "NOT_SENT" });
  taken();
  await responses(2);
  expect(statuses()).toEqual({ a: "SYNCED", b: "STALE", none: "NOT_SENT" });
  close();
});

test("a stream that ends while the work pauses shows no more", async () => {
  const { ask, responses, statusesOf, close } = lab("delta");
  ask();
  await responses(1);
  const rest = statusesOf();
  expect(rest.next().value).toMatchObject({ name: "a", status: "STALE" });
  close();
  expect(rest.next().done).toBe(true);
});
