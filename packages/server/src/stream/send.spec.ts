import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createStore, edsCluster, routes, typeUrls } from "@rxds/core";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { expect, test } from "vitest";
import { createXdsCore } from "../xds-core.js";
import type { Channel } from "./channel.js";

/** Lets the event loop turn until something holds. */
async function turns(until: () => boolean): Promise<void> {
  for (let n = 0; !until(); n++) {
    if (n === 100_000) throw new Error("not reached after 100,000 turns of the event loop");
    await new Promise(setImmediate);
  }
}

test("routes wait for the clusters of the same commit, also while an older response with clusters is not answered", async () => {
  const store = createStore();
  store.update((tx) => tx.set(edsCluster({ name: "a" }), routes("r", { "/": "a" })));
  const core = createXdsCore({ snapshots: store, hitless: false });
  const received: { readonly typeUrl: string; readonly nonce: string; readonly names: readonly string[] }[] = [];
  const channel: Channel = {
    peer: { address: "memory", certificate: undefined, metadata: new Map() },
    write(body, nonce, done) {
      const bytes = body.buffer.subarray(0, body.length);
      const { typeUrl, resources } = fromBinary(DeltaDiscoveryResponseSchema, bytes);
      received.push({ typeUrl, nonce, names: resources.map(({ name }) => name) });
      setImmediate(done);
    },
    pause: () => {},
    resume: () => {},
    end: () => {},
  };
  const stream = core.open(channel, "delta", undefined);
  const send = (init: Parameters<typeof create<typeof DeltaDiscoveryRequestSchema>>[1]) =>
    stream.message(Buffer.from(toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, init))));
  send({ typeUrl: typeUrls.cluster, node: { id: "n" } });
  send({ typeUrl: typeUrls.routes, resourceNamesSubscribe: ["r"] });
  await turns(() => received.length === 2);
  for (const { typeUrl, nonce } of [...received]) send({ typeUrl, responseNonce: nonce });

  store.update((tx) => tx.set(edsCluster({ name: "b" })));
  await turns(() => received.length === 3);
  // Nothing is answered: the next clusters have to wait a while, and the routes with them.
  store.update((tx) => tx.set(edsCluster({ name: "c" }), routes("r", { "/": "c" })));
  await turns(() => received.length >= 5);
  expect(received.slice(3).map(({ names }) => names)).toEqual([["c"], ["r"]]);
  core.close();
});
