import {
  create,
  createFileRegistry,
  equals,
  fromBinary,
  type Message,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_struct,
  FieldDescriptorProto_Label as Label,
  StructSchema,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { ClusterLoadAssignmentSchema } from "@rxds/envoy-api/envoy/config/endpoint/v3/endpoint";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeMessage } from "./encode-message.js";

/** A type with every kind of map, a oneof, a list and itself below it. */
const file = createFileRegistry(
  create(FileDescriptorSetSchema, {
    file: [
      file_google_protobuf_struct.proto,
      create(FileDescriptorProtoSchema, {
        name: "tree.proto",
        package: "test",
        syntax: "proto3",
        dependency: ["google/protobuf/struct.proto"],
        messageType: [
          {
            name: "Tree",
            field: [
              mapField(1, "by_name", "ByNameEntry"),
              mapField(2, "by_int", "ByIntEntry"),
              mapField(3, "by_long", "ByLongEntry"),
              mapField(4, "by_bool", "ByBoolEntry"),
              { number: 5, name: "children", type: Type.MESSAGE, typeName: ".test.Tree", label: Label.REPEATED },
              { number: 6, name: "left", type: Type.MESSAGE, typeName: ".test.Tree", oneofIndex: 0 },
              { number: 7, name: "note", type: Type.STRING, oneofIndex: 0 },
              { number: 8, name: "struct", type: Type.MESSAGE, typeName: ".google.protobuf.Struct" },
              { number: 9, name: "value", type: Type.MESSAGE, typeName: ".google.protobuf.Value" },
            ].map((field) => ({ label: Label.OPTIONAL, ...field })),
            oneofDecl: [{ name: "kind" }],
            nestedType: [
              entry("ByNameEntry", Type.STRING, ".test.Tree"),
              entry("ByIntEntry", Type.SINT32),
              entry("ByLongEntry", Type.UINT64),
              entry("ByBoolEntry", Type.BOOL),
            ],
          },
        ],
      }),
    ],
  }),
);
const treeSchema = file.getMessage("test.Tree") ?? fail();

function mapField(number: number, name: string, entryName: string) {
  return { number, name, type: Type.MESSAGE, typeName: `.test.Tree.${entryName}`, label: Label.REPEATED };
}

function entry(name: string, key: Type, valueType?: string) {
  const value = valueType === undefined ? { type: Type.STRING } : { type: Type.MESSAGE, typeName: valueType };
  return {
    name,
    field: [
      { number: 1, name: "key", type: key, label: Label.OPTIONAL },
      { number: 2, name: "value", label: Label.OPTIONAL, ...value },
    ],
    options: { mapEntry: true },
  };
}

function fail(): never {
  throw new Error("the test type is missing");
}

const keys = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.constantFrom("__proto__", "10", "9", "-1", "a", "Z", "é", "01", "4294967295", "4294967294", "constructor"),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, 0, 1.5, "text"),
    fc.dictionary(keys, tie("value"), { maxKeys: 4, noNullPrototype: true }),
    fc.array(tie("value"), { maxLength: 3 }),
  ),
})).value;
const struct = fc.dictionary(keys, json, { maxKeys: 4, noNullPrototype: true });
const trees = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    fc.constant({}),
    fc.record(
      {
        byName: fc.dictionary(keys, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
        byInt: dictionaryOf(fc.integer({ min: -12, max: 12 })),
        byLong: dictionaryOf(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
        byBool: dictionaryOf(fc.boolean()),
        children: fc.array(tie("tree"), { maxLength: 2 }),
        kind: fc.oneof(
          fc.record({ case: fc.constant("left"), value: tie("tree") }),
          fc.record({ case: fc.constant("note"), value: fc.string() }),
        ),
        struct,
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
  ),
})).tree;

function dictionaryOf(keys: fc.Arbitrary<number | bigint | boolean>) {
  return fc.dictionary(keys.map(String), fc.string({ maxLength: 2 }), { maxKeys: 4, noNullPrototype: true });
}

/** The same value with the keys of every object in another order. */
function shuffle<T>(value: T, random: () => number): T;
function shuffle(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffle(item, random));
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  const entries = Object.entries(value).map(([key, item]) => ({ key, item: shuffle(item, random), at: random() }));
  return Object.fromEntries(entries.sort((a, b) => a.at - b.at).map(({ key, item }) => [key, item]));
}

function randomFrom(seed: number): () => number {
  return () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed / 2 ** 32;
  };
}

function expectOrderFree<T extends Message>(encode: (message: T) => Uint8Array, message: T, seed: number): void {
  expect(encode(shuffle(message, randomFrom(seed)))).toEqual(encode(message));
}

describe("encodeMessage", () => {
  test("gives equal bytes whatever the order in which maps were filled, at every depth", () => {
    fc.assert(
      fc.property(trees, fc.nat(), (init, seed) => {
        const message = create(treeSchema, init ?? {});
        expectOrderFree((tree) => encodeMessage(treeSchema, tree), message, seed);
      }),
    );
  });

  test("gives equal bytes for a Struct message, its Values and its ListValues", () => {
    fc.assert(
      fc.property(struct, fc.nat(), (fields, seed) => {
        const tree = create(treeSchema, { struct: fields });
        const message = fromBinary(StructSchema, structBytes(toBinary(treeSchema, tree)));
        expectOrderFree((struct) => encodeMessage(StructSchema, struct), message, seed);
      }),
    );
  });

  test("decodes to the message that was encoded and leaves that message alone", () => {
    fc.assert(
      fc.property(trees, (init) => {
        const message = create(treeSchema, init ?? {});
        const before = toBinary(treeSchema, message);
        const bytes = encodeMessage(treeSchema, message);
        expect(equals(treeSchema, fromBinary(treeSchema, bytes), message)).toBe(true);
        expect(toBinary(treeSchema, message)).toEqual(before);
      }),
    );
  });

  test("writes string keys in ascending order", () => {
    const bytes = encodeMessage(treeSchema, create(treeSchema, { byName: { c: {}, a: {}, b: {} } }));
    const decoded: MessageShape<typeof treeSchema> & { byName?: object } = fromBinary(treeSchema, bytes);
    expect(Object.keys(decoded.byName ?? {})).toEqual(["a", "b", "c"]);
  });

  test("keeps unknown fields of messages that it has to reorder", () => {
    const unknown = { no: 99, wireType: 0, data: new Uint8Array([7]) };
    const message = create(ClusterLoadAssignmentSchema, {
      clusterName: "a",
      namedEndpoints: { b: {}, a: {} },
    });
    message.$unknown = [unknown];
    expect(
      fromBinary(ClusterLoadAssignmentSchema, encodeMessage(ClusterLoadAssignmentSchema, message)).$unknown,
    ).toEqual([unknown]);
  });

  test("keeps the explicit defaults of proto2 messages", () => {
    const message = create(FileDescriptorProtoSchema, {
      name: "x",
      messageType: [{ name: "M", field: [{ name: "f" }] }],
    });
    expect(encodeMessage(FileDescriptorProtoSchema, message)).toEqual(toBinary(FileDescriptorProtoSchema, message));
  });

  test("returns bytes of their own, not a slice of a shared pool", () => {
    const bytes = encodeMessage(ClusterLoadAssignmentSchema, create(ClusterLoadAssignmentSchema, { clusterName: "a" }));
    expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
  });
});

/** The bytes of field 8 (`struct`) of an encoded Tree that has nothing else. */
function structBytes(tree: Uint8Array): Uint8Array {
  let at = 1;
  while (((tree[at] ?? 0) & 0x80) !== 0) at++;
  return tree.subarray(at + 1);
}
