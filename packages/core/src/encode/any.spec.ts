import { create, equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AnySchema, anyUnpack } from "@bufbuild/protobuf/wkt";
import { ClusterLoadAssignmentSchema } from "@rxds/envoy-api/envoy/config/endpoint/v3/endpoint";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeAny, packAny, typedConfig } from "./any.js";

describe("encodeAny", () => {
  test("equals toBinary of the Any for every type URL and value", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.uint8Array({ maxLength: 300 }), (typeUrl, value) => {
        expect(encodeAny(typeUrl, value)).toEqual(toBinary(AnySchema, create(AnySchema, { typeUrl, value })));
      }),
    );
  });

  test.each([0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152])("writes the length of %i bytes", (length) => {
    const value = new Uint8Array(length).fill(1);
    const bytes = encodeAny("a", value);
    expect(Buffer.compare(fromBinary(AnySchema, bytes).value, value)).toBe(0);
    expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
  });
});

describe("packAny", () => {
  test("names the type and holds the message", () => {
    const message = create(ClusterLoadAssignmentSchema, { clusterName: "a" });
    const any = packAny(ClusterLoadAssignmentSchema, message);
    expect(any.typeUrl).toBe("type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment");
    const unpacked = anyUnpack(any, ClusterLoadAssignmentSchema);
    expect(unpacked !== undefined && equals(ClusterLoadAssignmentSchema, unpacked, message)).toBe(true);
  });

  test("gives equal bytes whatever the order in which a map was filled", () => {
    const one = typedConfig(ClusterLoadAssignmentSchema, { namedEndpoints: { a: {}, b: {} } });
    const other = typedConfig(ClusterLoadAssignmentSchema, { namedEndpoints: { b: {}, a: {} } });
    expect(one.value).toEqual(other.value);
  });
});
