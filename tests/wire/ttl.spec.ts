import { fromBinary } from "@bufbuild/protobuf";
import { ResourceSchema } from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { createResource, typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { cluster, hosts, startWorld } from "./world.js";

const CDS = typeUrls.cluster;
const EDS = typeUrls.endpoints;
const TTL = 60;
const features = [
  "xds.config.supports-resource-ttl",
  "xds.config.supports-resource-in-sotw",
  "xds.config.resource-in-sotw",
  "envoy.config.resource-in-sotw",
];
const able = (feature = features[0]!) => ({ id: "able", clientFeatures: [feature] });
const mortal = (revision = 1) => createResource(hosts("a", revision), { ttl: TTL });

describe("delta", () => {
  test("a client that can take it is told the time, and then sent heartbeats without a body", async () => {
    await using world = await startWorld([mortal(), hosts("b")]);
    const stream = world.delta();
    stream.send({ node: able(), typeUrl: EDS, resourceNamesSubscribe: ["a", "b"] });
    const first = await stream.accept();
    const times = first.resources.map(({ name, ttl }) => [name, ttl?.nanos]);
    expect(times).toEqual([
      ["a", TTL * 1e6],
      ["b", undefined],
    ]);
    for (let n = 0; n < 3; n++) {
      const [beat, ...more] = (await stream.accept()).resources;
      expect(more).toEqual([]);
      expect(beat).toMatchObject({ name: "a", version: first.resources[0]!.version, ttl: { nanos: TTL * 1e6 } });
      expect(beat?.resource).toBeUndefined();
    }
  });

  test("a new content is sent whole, and one without a time ends it", async () => {
    await using world = await startWorld([mortal()]);
    const stream = world.delta();
    stream.send({ node: able(), typeUrl: EDS, resourceNamesSubscribe: ["a"] });
    await stream.accept();
    world.put(hosts("a", 2));
    for (;;) {
      const [resource] = (await stream.accept()).resources;
      if (resource?.resource === undefined) continue;
      expect(resource.ttl).toBeUndefined();
      break;
    }
    await stream.silence();
  });

  test("other clients hear nothing of it", async () => {
    await using world = await startWorld([mortal()]);
    const beating = world.delta();
    beating.send({ node: able(), typeUrl: EDS, resourceNamesSubscribe: ["a"] });
    const stream = world.delta();
    stream.send({ node: { id: "n1" }, typeUrl: EDS, resourceNamesSubscribe: ["a"] });
    expect((await stream.accept()).resources[0]?.ttl).toBeUndefined();
    for (let n = 0; n < 3; n++) await beating.accept();
    await stream.silence();
  });
});

describe("state of the world", () => {
  test.each(features)(
    "a client with the feature %s is sent the resource wrapped, and again in time",
    async (feature) => {
      await using world = await startWorld([mortal(), hosts("b")]);
      const stream = world.sotw();
      stream.send({ node: able(feature), typeUrl: EDS, resourceNames: ["a", "b"] });
      const first = await stream.accept();
      expect(first.resources.map(({ typeUrl }) => typeUrl).sort()).toEqual([
        EDS,
        "type.googleapis.com/envoy.service.discovery.v3.Resource",
      ]);
      const wrapped = (response: typeof first) =>
        response.resources
          .filter(({ typeUrl }) => typeUrl !== EDS)
          .map(({ value }) => fromBinary(ResourceSchema, value));
      expect(wrapped(first)).toMatchObject([{ name: "a", ttl: { nanos: TTL * 1e6 }, resource: { typeUrl: EDS } }]);
      const beat = await stream.accept();
      expect(beat.versionInfo).toBe(first.versionInfo);
      expect(beat.resources).toHaveLength(1);
      // Envoy passes over a heartbeat without a body.
      expect(wrapped(beat)).toEqual(wrapped(first));
    },
  );

  test("where omission is deletion, everything is repeated instead", async () => {
    await using world = await startWorld([createResource(cluster("a"), { ttl: TTL }), cluster("b")]);
    const stream = world.sotw();
    stream.send({ node: able(), typeUrl: CDS });
    const first = await stream.accept();
    const again = await stream.accept();
    expect(again.versionInfo).toBe(first.versionInfo);
    expect(again.resources).toEqual(first.resources);
  });
});
