import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createStore, edsCluster, endpoints, routes, typeUrls } from "@rxds/core";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { expect, test } from "vitest";
import { costs } from "../fanout/costs.js";
import type { Channel } from "../stream/channel.js";
import { createXdsCore, type XdsCore } from "../xds-core.js";

const STREAMS = 1000;
const NAMES: Readonly<Record<string, readonly string[]>> = {
  [typeUrls.cluster]: [],
  [typeUrls.endpoints]: ["old", "new"],
  [typeUrls.routes]: ["main"],
};

/** A proxy that wants all clusters, some endpoints and routes, and accepts everything a turn later. */
function open(core: XdsCore, protocol: "delta" | "sotw", i: number): void {
  const request = (init: Record<string, unknown>) =>
    protocol === "delta"
      ? toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, init))
      : toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, init));
  const channel: Channel = {
    peer: { address: `10.0.${i >> 8}.${i & 255}:1`, certificate: undefined, metadata: new Map() },
    write({ buffer, length }, nonce, done) {
      const bytes = buffer.subarray(0, length);
      const schema = protocol === "delta" ? DeltaDiscoveryResponseSchema : DiscoveryResponseSchema;
      const { typeUrl, ...rest } = fromBinary(schema, bytes);
      const sotw = "versionInfo" in rest ? { versionInfo: rest.versionInfo, resourceNames: NAMES[typeUrl] } : {};
      setImmediate(() => {
        done();
        stream.message(Buffer.from(request({ typeUrl, responseNonce: nonce, ...sotw })));
      });
    },
    pause: () => {},
    resume: () => {},
    end: () => {},
  };
  const stream = core.open(channel, protocol, undefined);
  for (const [typeUrl, names] of Object.entries(NAMES)) {
    const wanted = protocol === "delta" ? { resourceNamesSubscribe: names } : { resourceNames: names };
    stream.message(Buffer.from(request({ typeUrl, node: { id: `n${i}` }, ...wanted })));
  }
}

test.each(["delta", "sotw"] as const)(
  "a change that 1,000 equal proxies see is planned once, and encoded once for each step of its way (%s)",
  async (protocol) => {
    const store = createStore();
    store.update((tx) => tx.set(edsCluster({ name: "old" }), endpoints("old", []), routes("main", { "/": "old" })));
    const core = createXdsCore({ snapshots: store, hitless: { lingerMs: 1 }, limits: { initialBytes: Infinity } });
    for (let i = 0; i < STREAMS; i++) open(core, protocol, i);
    await core.converged(undefined, { clients: STREAMS });
    const before = { ...costs };
    store.update((tx) => {
      tx.delete(typeUrls.cluster, "old");
      tx.set(edsCluster({ name: "new" }), endpoints("new", []), routes("main", { "/": "new" }));
    });
    await core.converged();
    const [sent, bodies] = [costs.sent - before.sent, costs.bodies - before.bodies];
    const gated = costs.gated - before.gated;
    // Clusters, their endpoints, routes, and the clusters without the old one.
    expect(sent).toBeGreaterThanOrEqual(4 * STREAMS);
    expect(bodies).toBeLessThanOrEqual(2 * (sent / STREAMS));
    // The routes wait, and are looked at a few times: once for all proxies.
    expect(gated).toBeGreaterThanOrEqual(1);
    expect(gated).toBeLessThanOrEqual(4);
    core.close();
  },
);
