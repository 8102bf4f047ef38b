import { create, fromBinary } from "@bufbuild/protobuf";
import { createResource } from "@rxds/core";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import {
  DeltaDiscoveryResponseSchema,
  DiscoveryResponseSchema,
  ResourceSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildBody, withNonce } from "./response.js";

const nothing = { typeUrl: "type", renewals: [], absent: [], unknown: [], removed: [] };

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 });
const resources = fc.array(
  fc.record({
    name: text,
    ttl: fc.option(fc.integer({ min: 1, max: 2 ** 33 }), { nil: undefined }),
    aliases: fc.array(text, { maxLength: 2 }),
  }),
  { maxLength: 5 },
);
const make = (given: { name: string; ttl: number | undefined; aliases: string[] }) => {
  const { name, ttl, aliases } = given;
  return createResource(create(ClusterSchema, { name }), { aliases, ...(ttl === undefined ? {} : { ttl }) });
};

describe("a response body", () => {
  test("of the delta kind decodes to what was put in, with the nonce of each stream", () => {
    fc.assert(
      fc.property(resources, fc.array(text, { maxLength: 4 }), (given, removed) => {
        const body = buildBody("delta", { ...nothing, version: "7", resources: given.map(make), removed });
        for (const nonce of ["a", "zz9"]) {
          const response = fromBinary(DeltaDiscoveryResponseSchema, Buffer.from(withNonce(body, nonce)));
          expect(response).toMatchObject({ typeUrl: "type", systemVersionInfo: "7", nonce, removedResources: removed });
          expect(response.resources.map(({ name, aliases }) => ({ name, aliases }))).toEqual(
            given.map(({ name, aliases }) => ({ name, aliases })),
          );
          response.resources.forEach((resource, i) => {
            // This client can't take it.
            expect(resource.ttl).toBeUndefined();
            expect(resource.version).toHaveLength(22);
            expect(fromBinary(ClusterSchema, resource.resource!.value).name).toBe(given[i]!.name);
          });
        }
      }),
    );
  });

  test("of the state of the world decodes to what was put in", () => {
    fc.assert(
      fc.property(resources, (given) => {
        const body = buildBody("sotw", { ...nothing, version: "v1", resources: given.map(make) });
        const response = fromBinary(DiscoveryResponseSchema, Buffer.from(withNonce(body, "n")));
        expect(response).toMatchObject({ typeUrl: "type", versionInfo: "v1", nonce: "n" });
        expect(response.resources.map(({ value }) => fromBinary(ClusterSchema, value).name)).toEqual(
          given.map(({ name }) => name),
        );
      }),
    );
  });

  test("tells the time to live, renewals and names without a resource to those who can take it", () => {
    const mortal = make({ name: "a", ttl: 61_500, aliases: ["x"] });
    const parts = { ...nothing, version: "7", resources: [mortal], renewals: [mortal], absent: ["ghost"] };
    const delta = fromBinary(
      DeltaDiscoveryResponseSchema,
      Buffer.from(withNonce(buildBody("delta-ttl", parts), "n")),
    ).resources;
    const ttl = { seconds: 61n, nanos: 500_000_000 };
    expect(delta).toMatchObject([
      { name: "a", aliases: ["x"], version: mortal.version, ttl },
      { name: "a", aliases: [], version: mortal.version, ttl },
      { name: "ghost", aliases: ["ghost"], version: "" },
    ]);
    expect(delta.map(({ resource }) => resource !== undefined)).toEqual([true, false, false]);
    const sotw = fromBinary(
      DiscoveryResponseSchema,
      Buffer.from(withNonce(buildBody("sotw-ttl", { ...parts, absent: [] }), "n")),
    ).resources;
    const wrapped = sotw.map(({ typeUrl, value }) => {
      expect(typeUrl).toBe("type.googleapis.com/envoy.service.discovery.v3.Resource");
      return fromBinary(ResourceSchema, value);
    });
    expect(wrapped).toMatchObject([
      { name: "a", ttl, version: mortal.version },
      { name: "a", ttl, version: mortal.version },
    ]);
    expect(fromBinary(ClusterSchema, wrapped[0]!.resource!.value).name).toBe("a");
    expect(wrapped[1]!.resource).toBeUndefined();
  });
});
