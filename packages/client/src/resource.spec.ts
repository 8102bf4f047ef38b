import { create, toBinary } from "@bufbuild/protobuf";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import { describe, expect, test } from "vitest";
import { createResource, sameResource } from "./resource.js";

const typeUrl = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
const value = toBinary(ClusterSchema, create(ClusterSchema, { name: "a" }));

describe("decode", () => {
  test("gives a new message each time", () => {
    const resource = createResource({ typeUrl, name: "a", version: "1", value });
    const message = resource.decode(ClusterSchema);
    message.name = "changed";
    expect(resource.decode(ClusterSchema).name).toBe("a");
  });

  test("refuses another type's schema", () => {
    const resource = createResource({ typeUrl, name: "a", version: "1", value });
    expect(() => resource.decode(ListenerSchema)).toThrow(
      expect.objectContaining({ code: "wrong-type", details: { typeUrl, name: "a" } }),
    );
  });

  test("refuses bytes that are no such message", () => {
    const resource = createResource({ typeUrl, name: "a", version: "1", value: Buffer.from([0xff]) });
    expect(() => resource.decode(ClusterSchema)).toThrow(expect.objectContaining({ code: "undecodable" }));
  });
});

test("resources are the same when version, aliases and bytes are", () => {
  const init = { typeUrl, name: "a", version: "1", aliases: ["x"], value };
  expect(sameResource(createResource(init), createResource(init))).toBe(true);
  for (const other of [{ version: "2" }, { aliases: [] }, { aliases: ["y"] }, { value: Buffer.from("z") }]) {
    expect(sameResource(createResource(init), createResource({ ...init, ...other }))).toBe(false);
  }
});
