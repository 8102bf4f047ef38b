import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { NodeSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { expect, test } from "vitest";
import { XdsClientError } from "../error.js";
import { decodeResponse, encodeRequest } from "./codec.js";

const request = {
  typeUrl: "t",
  subscribe: ["a"],
  unsubscribe: ["b"],
  initialResourceVersions: new Map([
    ["c", "1"],
    ["__proto__", "2"],
  ]),
  responseNonce: "",
};

test("a request carries names, versions and the node", () => {
  const message = fromBinary(DeltaDiscoveryRequestSchema, encodeRequest(request, create(NodeSchema, { id: "n" })));
  expect(message.node?.id).toBe("n");
  expect(message).toMatchObject({ typeUrl: "t", resourceNamesSubscribe: ["a"], resourceNamesUnsubscribe: ["b"] });
  expect(Object.entries(message.initialResourceVersions)).toEqual([...request.initialResourceVersions]);
});

test("a request without a node or an error leaves them out", () => {
  const message = fromBinary(DeltaDiscoveryRequestSchema, encodeRequest(request, undefined));
  expect(message.node).toBeUndefined();
  expect(message.errorDetail).toBeUndefined();
});

test("a NACK carries its nonce, code and message", () => {
  const nack = { ...request, responseNonce: "n1", error: { code: 13, message: "bad" } };
  const message = fromBinary(DeltaDiscoveryRequestSchema, encodeRequest(nack, undefined));
  expect(message).toMatchObject({ responseNonce: "n1", errorDetail: { code: 13, message: "bad" } });
});

test("a response is taken apart", () => {
  const bytes = toBinary(
    DeltaDiscoveryResponseSchema,
    create(DeltaDiscoveryResponseSchema, {
      typeUrl: "t",
      nonce: "n1",
      resources: [
        {
          name: "a",
          version: "1",
          resource: { typeUrl: "t", value: Buffer.from("x") },
          ttl: { seconds: 2n, nanos: 5_000_000 },
        },
        { resourceName: { name: "b" }, aliases: ["c"] },
      ],
      removedResources: ["d"],
      removedResourceNames: [{ name: "e" }],
      resourceErrors: [{ resourceName: { name: "f" }, errorDetail: { code: 7, message: "no" } }, {}],
    }),
  );
  expect(decodeResponse(bytes)).toMatchObject({
    typeUrl: "t",
    nonce: "n1",
    resources: [
      { name: "a", version: "1", aliases: [], body: { typeUrl: "t" }, ttlMs: 2005 },
      { name: "b", version: "", aliases: ["c"] },
    ],
    removed: ["d", "e"],
    errors: [
      { name: "f", code: 7, message: "no" },
      { name: "", code: 0, message: "" },
    ],
  });
  expect(decodeResponse(bytes).resources[1]).not.toHaveProperty("body");
});

test("bytes that are no response are a typed error", () => {
  const decode = (): unknown => decodeResponse(Buffer.from([0xff, 0xff, 0xff]));
  expect(decode).toThrow(XdsClientError);
  expect(decode).toThrow(/no valid DeltaDiscoveryResponse/);
});
