import { create, toBinary } from "@bufbuild/protobuf";
import {
  DeltaDiscoveryRequestSchema,
  DiscoveryRequestSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseNode } from "./node.js";
import { WireError } from "./reader.js";
import { parseDeltaRequest, parseSotwRequest } from "./request.js";

const limits = { names: 100 };
const text = fc.string({ unit: "grapheme", maxLength: 12 });
const names = fc.array(text, { maxLength: 6 });
const status = fc.option(fc.record({ code: fc.nat(20), message: text }), { nil: undefined });
const node = fc.option(fc.record({ id: text, cluster: text }), { nil: undefined });

describe("a request", () => {
  test("of the state of the world is parsed as the generated code would", () => {
    const init = fc.record({
      versionInfo: text,
      node,
      resourceNames: names,
      typeUrl: text,
      responseNonce: text,
      errorDetail: status,
    });
    fc.assert(
      fc.property(init, (given) => {
        const bytes = toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, withoutUndefined(given)));
        const request = parseSotwRequest(Buffer.from(bytes), limits);
        expect(request).toMatchObject({
          version: given.versionInfo,
          typeUrl: given.typeUrl,
          nonce: given.responseNonce,
        });
        expect(request.error).toEqual(given.errorDetail);
        expect(request.resourceNames.names()).toEqual(given.resourceNames);
        expect(request.resourceNames.count).toBe(given.resourceNames.length);
        expect(request.node === undefined).toBe(given.node === undefined);
        if (request.node) expect(parseNode(request.node)).toMatchObject(given.node!);
      }),
    );
  });

  test("of the delta kind is parsed as the generated code would", () => {
    const init = fc.record({
      node,
      typeUrl: text,
      resourceNamesSubscribe: names,
      resourceNamesUnsubscribe: names,
      initialResourceVersions: fc.dictionary(text, text, { maxKeys: 5, noNullPrototype: true }),
      responseNonce: text,
      errorDetail: status,
    });
    fc.assert(
      fc.property(init, (given) => {
        const bytes = toBinary(
          DeltaDiscoveryRequestSchema,
          create(DeltaDiscoveryRequestSchema, withoutUndefined(given)),
        );
        const request = parseDeltaRequest(Buffer.from(bytes), limits);
        expect(request).toMatchObject({ typeUrl: given.typeUrl, nonce: given.responseNonce });
        expect(request.error).toEqual(given.errorDetail);
        expect(request.subscribe.names()).toEqual(given.resourceNamesSubscribe);
        expect(request.unsubscribe.names()).toEqual(given.resourceNamesUnsubscribe);
        expect(Object.fromEntries(request.initialVersions)).toEqual(given.initialResourceVersions);
      }),
    );
  });

  test("gives its names as the bytes that they came in, so that equal lists are recognised undecoded", () => {
    const encode = (resourceNames: string[], versionInfo: string) =>
      Buffer.from(toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, { resourceNames, versionInfo })));
    const one = parseSotwRequest(encode(["a", "b"], "1"), limits).resourceNames.raw;
    const same = parseSotwRequest(encode(["a", "b"], "longer"), limits).resourceNames.raw;
    const other = parseSotwRequest(encode(["ab"], "1"), limits).resourceNames.raw;
    expect(one?.equals(same!)).toBe(true);
    expect(one?.equals(other!)).toBe(false);
    const split = Buffer.concat([encode(["a"], ""), encode([], "v"), encode(["b"], "")]);
    expect(parseSotwRequest(split, limits).resourceNames.raw).toBeUndefined();
    expect(parseSotwRequest(split, limits).resourceNames.names()).toEqual(["a", "b"]);
  });

  test("of any bytes is parsed or refused with a typed error, and nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        for (const parse of [parseSotwRequest, parseDeltaRequest]) {
          try {
            parse(Buffer.from(bytes), limits);
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("with too many names is refused", () => {
    const resourceNames = Array.from({ length: 101 }, (_, i) => `n${i}`);
    const bytes = toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, { resourceNames }));
    expect(() => parseSotwRequest(Buffer.from(bytes), limits)).toThrow("more than 100 names in one request");
  });
});

function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
