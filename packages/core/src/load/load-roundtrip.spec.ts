import {
  create,
  type DescField,
  type DescMessage,
  equals,
  fromJson,
  type JsonValue,
  type Message,
  ScalarType,
  toJson,
} from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { envoyRegistry } from "@rxds/envoy-api/registry";
import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { encodeMessage, packAny } from "../encode/index.js";
import { LoadError } from "./load-error.js";
import { load } from "./load-resources.js";

const registry = envoyRegistry();

function schema(name: string): DescMessage {
  return registry.getMessage(name) ?? expect.fail(name);
}

const resources = [
  "envoy.config.cluster.v3.Cluster",
  "envoy.config.endpoint.v3.ClusterLoadAssignment",
  "envoy.config.listener.v3.Listener",
  "envoy.config.route.v3.RouteConfiguration",
  "envoy.config.route.v3.ScopedRouteConfiguration",
  "envoy.config.route.v3.VirtualHost",
  "envoy.extensions.transport_sockets.tls.v3.Secret",
  "envoy.service.runtime.v3.Runtime",
  "envoy.config.core.v3.TypedExtensionConfig",
].map(schema);

/** What an Any may hold in the test: extensions of several kinds, and well-known types, whose JSON is special. */
const packed = [
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
  "envoy.extensions.filters.http.rbac.v3.RBAC",
  "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
  "envoy.extensions.access_loggers.file.v3.FileAccessLog",
  "google.protobuf.Struct",
  "google.protobuf.Duration",
  "google.protobuf.UInt64Value",
  "google.protobuf.Empty",
].map(schema);

const DEPTH = 7;
const text = fc
  .oneof(
    fc.string({ maxLength: 5 }),
    fc.constantFrom("~", "null", "1.10", "yes", "- a", "*a", "a: b", "__proto__", "\n x"),
  )
  // As a key without quotes this means to merge, and the YAML writer does not quote it.
  .filter((value) => value !== "<<");
const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(null, true, 1, -0.5, 1e300),
    text,
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(text, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;
const struct = fc.dictionary(text, json, { maxKeys: 3, noNullPrototype: true });

/** A value of a scalar type, its extremes included. */
function scalar(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 4 });
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.FLOAT:
      return fc.float({ noNaN: true }).map((value) => value + 0);
    case ScalarType.DOUBLE:
      return fc.double({ noNaN: true }).map((value) => value + 0);
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return fc.integer();
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return fc.nat(2 ** 32 - 1);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    default:
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  }
}

/** A message of any type, some levels deep. */
function message(type: DescMessage, depth: number): fc.Arbitrary<Message> {
  switch (type.typeName) {
    case "google.protobuf.Any":
      return fc
        .constantFrom(...packed)
        .chain((inner) => message(inner, depth - 1).map((value) => packAny(inner, value)));
    case "google.protobuf.Duration":
      return fc
        .record({ seconds: fc.bigInt({ min: 0n, max: 315_576_000_000n }), nanos: fc.nat(999_999_999) })
        .map((init) => create(type, init.seconds === 315_576_000_000n ? { seconds: init.seconds } : init));
    case "google.protobuf.Timestamp":
      return fc.nat(2 ** 31).map((seconds) => create(type, { seconds: BigInt(seconds) }));
    case "google.protobuf.FieldMask":
      return fc.constantFrom([], ["a"], ["a_b.c", "d"]).map((paths) => create(type, { paths }));
    case "google.protobuf.Value":
      return json.map((value) => fromJson(type, value));
    case "google.protobuf.ListValue":
      return fc.array(json, { maxLength: 2 }).map((values) => fromJson(type, values));
    case "google.protobuf.Struct":
      return struct.map((fields) => fromJson(type, fields));
  }
  const members = type.members.filter(
    (member) => depth > 0 || (member.kind === "field" && !("message" in member && member.message)),
  );
  // Many fields at the top, fewer further down.
  const most = Math.min(members.length, 5);
  return fc.subarray(members, { minLength: Math.min(most, Math.max(0, depth - 3)), maxLength: most }).chain((chosen) =>
    fc
      .tuple(
        ...chosen.map((member): fc.Arbitrary<[string, unknown]> => {
          if (member.kind === "field") return field(member, depth).map((value) => [member.localName, value]);
          const cases = member.fields.map((one) => field(one, depth).map((value) => ({ case: one.localName, value })));
          return fc.oneof(...cases).map((value) => [member.localName, value]);
        }),
      )
      .map((entries) => create(type, Object.fromEntries(entries))),
  );
}

/** What a field of a message is set to. */
function field(of: DescField, depth: number): fc.Arbitrary<unknown> {
  const one = (): fc.Arbitrary<unknown> => {
    if (of.enum !== undefined) return fc.constantFrom(...of.enum.values.map((value) => value.number));
    if (of.message === undefined) return scalar(of.scalar ?? ScalarType.STRING);
    if (of.message.typeName === "google.protobuf.Struct") return struct;
    const unwrapped = of.fieldKind === "message" && of.oneof === undefined && isWrapperDesc(of.message);
    return unwrapped ? scalar(of.message.fields[0]?.scalar ?? ScalarType.STRING) : message(of.message, depth - 1);
  };
  if (of.fieldKind === "list") return fc.array(one(), { maxLength: 2 });
  if (of.fieldKind !== "map") return one();
  const key = of.mapKey === ScalarType.STRING ? text : scalar(of.mapKey).map(String);
  return fc.dictionary(key, one(), { maxKeys: 3, noNullPrototype: true });
}

/** A resource, its type and how it is written. */
const cases = fc.constantFrom(...resources).chain((type) =>
  fc.record({
    type: fc.constant(type),
    resource: message(type, DEPTH),
    protoNames: fc.boolean(),
    write: fc.constantFrom<(value: unknown) => string>(
      (value) => JSON.stringify(value),
      (value) => JSON.stringify(value, undefined, "\t"),
      (value) => stringify(value),
      (value) => stringify(value, { collectionStyle: "flow", defaultStringType: "QUOTE_SINGLE" }),
    ),
  }),
);

test("a message that is written as JSON or YAML is loaded as the same message", () => {
  fc.assert(
    fc.property(cases, ({ type, resource, protoNames, write }) => {
      const written = toJson(type, resource, { registry, useProtoFieldName: protoNames });
      const [loaded, ...others] = load(write({ "@type": `type.googleapis.com/${type.typeName}`, ...Object(written) }));
      expect(others).toEqual([]);
      expect(loaded?.$typeName).toBe(type.typeName);
      expect(loaded && encodeMessage(type, loaded)).toEqual(encodeMessage(type, resource));
    }),
  );
});

/** The value with one spot, chosen by numbers, replaced by another value or put under another key. */
function damage(
  value: JsonValue,
  spots: readonly number[],
  replacement: JsonValue,
  key: string | undefined,
): JsonValue {
  const [spot, ...rest] = spots;
  if (spot === undefined || typeof value !== "object" || value === null) return replacement;
  if (Array.isArray(value)) {
    if (value.length === 0) return [replacement];
    const at = spot % (value.length + 1);
    return value.with(at === value.length ? at - 1 : at, damage(value[at] ?? null, rest, replacement, key));
  }
  const entries = Object.entries(value);
  const [name, inner] = entries[spot % entries.length] ?? ["new", null];
  const others = entries.filter(([other]) => other !== name);
  const last = rest.length === 0 && key !== undefined;
  return Object.fromEntries([...others, last ? [key, inner] : [name, damage(inner, rest, replacement, key)]]);
}

test("a damaged message is loaded or refused with its place, and never drops anything", () => {
  const spots = fc.array(fc.nat(20), { minLength: 1, maxLength: 6 });
  const key = fc.option(fc.oneof(text, fc.constantFrom("name", "typedConfig", "value")), { nil: undefined });
  fc.assert(
    fc.property(cases, spots, json, key, ({ type, resource, protoNames }, where, replacement, newKey) => {
      const intact = Object(toJson(type, resource, { registry, useProtoFieldName: protoNames }));
      const damaged = {
        ...Object(damage(intact, where, replacement, newKey)),
        "@type": `type.googleapis.com/${type.typeName}`,
      };
      const whole = JSON.stringify(damaged);
      const expected = attempt(() => {
        const { "@type": _, ...fields } = damaged;
        return fromJson(type, fields, { registry });
      });
      const loaded = attempt(() => load(whole)[0]);
      if (loaded instanceof Error) {
        expect(loaded).toBeInstanceOf(LoadError);
        expect(loaded.message).not.toContain("this is no ");
      } else {
        expect(expected instanceof Error ? expected : undefined).toBeUndefined();
        expect(
          loaded !== undefined &&
            !(expected instanceof Error) &&
            equals(type, loaded, expected, { registry, unpackAny: true }),
        ).toBe(true);
      }
    }),
  );
});

test("whatever the text is, it is loaded or refused with a LoadError", () => {
  const line = fc.oneof(
    text,
    fc.constantFrom(
      '"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster',
      "- ",
      "  a: &a",
      "  <<: *a",
      "---",
      "...",
      "%YAML 1.1",
      "resources:",
      "? |",
      "name: >-",
      "}",
      "!!binary x",
    ),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      const result = attempt(() => load(lines.join("\n")));
      if (result instanceof Error) expect(result).toBeInstanceOf(LoadError);
    }),
  );
});

function attempt<T>(act: () => T): T | Error {
  try {
    return act();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
