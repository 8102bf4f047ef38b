import { create } from "@bufbuild/protobuf";
import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import { ResourceSchema } from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { describe, expect, test } from "vitest";
import { type Delta, node, type Sotw } from "../support/streams.js";
import { can } from "../support/target.js";
import { EDS, type Item } from "../support/types.js";
import { startWorld } from "../support/world.js";

/** Names under which clients say that they take times to live in the state of the world. */
const FEATURES = [
  "xds.config.supports-resource-in-sotw",
  "xds.config.resource-in-sotw",
  "envoy.config.resource-in-sotw",
] as const;
const WRAPPER = "type.googleapis.com/envoy.service.discovery.v3.Resource";

const able = { ...node, clientFeatures: [...FEATURES] };
/** Endpoints that live so many milliseconds. */
const mortal = (ttlMs: number, revision = 1): Item => ({ ...EDS.build("a", revision), ttlMs });

const askDelta = (stream: Delta, who = able): void =>
  stream.send({ node: who, typeUrl: EDS.typeUrl, resourceNamesSubscribe: ["a"] });
const askSotw = (stream: Sotw, ...clientFeatures: string[]): void =>
  stream.send({ node: { ...node, clientFeatures }, typeUrl: EDS.typeUrl, resourceNames: ["a"] });

/** The wrapper around a resource of the state of the world. */
function unwrap(any: Any | undefined) {
  const wrapper = any === undefined ? undefined : anyUnpack(any, ResourceSchema);
  return wrapper ?? create(ResourceSchema, {});
}

test("rule 55: a resource without a time to live is sent without one", async () => {
  await using world = await startWorld([EDS.build("a")]);
  const delta = world.delta(EDS);
  askDelta(delta);
  expect((await delta.accept()).resources.map(({ ttl }) => ttl)).toEqual([undefined]);
});

if (can("ttl")) {
  describe("delta", () => {
    test("rule 55: a time to live is told, and the resource without it ends it", async () => {
      await using world = await startWorld([mortal(3_600_000)]);
      const stream = world.delta(EDS);
      askDelta(stream);
      const first = await stream.accept();
      expect(first.resources).toMatchObject([
        { name: "a", ttl: { seconds: 3600n }, resource: { typeUrl: EDS.typeUrl } },
      ]);
      await world.put(EDS.build("a"));
      const second = await stream.accept();
      expect(second.resources.map(({ name, ttl, version }) => [name, ttl, version])).toEqual([
        ["a", undefined, first.resources[0]?.version],
      ]);
      expect(second.resources[0]?.resource?.typeUrl).toBe(EDS.typeUrl);
    });

    test("rule 56: a heartbeat is name, version and time, without a body", async () => {
      await using world = await startWorld([mortal(400)]);
      const stream = world.delta(EDS);
      askDelta(stream);
      const first = await stream.accept();
      for (let n = 0; n < 2; n++) {
        const heartbeat = await stream.accept();
        expect(heartbeat.removedResources).toEqual([]);
        expect(
          heartbeat.resources.map(({ name, version, ttl, resource }) => [name, version, ttl?.nanos, resource]),
        ).toEqual([["a", first.resources[0]?.version, 400_000_000, undefined]]);
      }
    });

    test("rule 56: a change comes whole, and heartbeats repeat its version", async () => {
      await using world = await startWorld([mortal(400)]);
      const stream = world.delta(EDS);
      askDelta(stream);
      const first = await stream.accept();
      await world.put(mortal(400, 2));
      const bodies = [];
      let version = first.resources[0]?.version;
      while (bodies.length < 1 || version === first.resources[0]?.version) {
        const [resource] = (await stream.accept()).resources;
        version = resource?.version;
        if (resource?.resource !== undefined) bodies.push(version);
      }
      expect(bodies).toEqual([version]);
      const [heartbeat] = (await stream.accept()).resources;
      expect([heartbeat?.version, heartbeat?.resource]).toEqual([version, undefined]);
    });
  });

  describe("SotW", () => {
    test("rule 57: what has no time to live is not wrapped", async () => {
      await using world = await startWorld([mortal(3_600_000), EDS.build("b")]);
      const stream = world.sotw(EDS);
      stream.send({ node: able, typeUrl: EDS.typeUrl, resourceNames: ["a", "b"] });
      const { resources } = await stream.accept();
      expect(resources.map(({ typeUrl }) => typeUrl).sort()).toEqual([EDS.typeUrl, WRAPPER].sort());
    });

    test.each(FEATURES)(
      "rule 57: a client that says %s gets the resource in a wrapper with its time",
      async (feature) => {
        await using world = await startWorld([mortal(3_600_000)]);
        const stream = world.sotw(EDS);
        askSotw(stream, feature);
        const response = await stream.accept();
        expect([response.typeUrl, response.resources.map(({ typeUrl }) => typeUrl)]).toEqual([EDS.typeUrl, [WRAPPER]]);
        const wrapper = unwrap(response.resources[0]);
        expect([wrapper.name, wrapper.ttl?.seconds, wrapper.resource?.typeUrl]).toEqual(["a", 3600n, EDS.typeUrl]);
        expect(EDS.nameIn(wrapper.resource?.value ?? new Uint8Array())).toBe("a");
      },
    );

    test("rule 55: a client that says nothing of times to live is not told any", async () => {
      await using world = await startWorld([mortal(400)]);
      const stream = world.sotw(EDS);
      askSotw(stream);
      const response = await stream.accept();
      expect(response.resources.map(({ typeUrl }) => typeUrl)).toEqual([EDS.typeUrl]);
      // Of a client that is told, heartbeats would have come by the time that this one's neighbour has got two.
      const neighbour = world.delta(EDS);
      askDelta(neighbour);
      for (let n = 0; n < 3; n++) await neighbour.accept();
      await stream.silence();
    });

    test("rule 56: the time is renewed in the state of the world under the same version", async () => {
      await using world = await startWorld([mortal(400)]);
      const stream = world.sotw(EDS);
      askSotw(stream, ...FEATURES);
      const first = await stream.accept();
      const body = unwrap(first.resources[0]).resource;
      const renewal = await stream.accept();
      expect(renewal.versionInfo).toBe(first.versionInfo);
      const wrapper = unwrap(renewal.resources[0]);
      expect([wrapper.name, wrapper.ttl?.nanos]).toEqual(["a", 400_000_000]);
      // By the protocol without a body. Envoy 1.40 passes over such, so a server may send the whole resource again.
      expect([undefined, body]).toContainEqual(wrapper.resource);
    });
  });
}
