import type { DescField, DescMessage, DescOneof, JsonValue } from "@bufbuild/protobuf";
import { type CheckContext, wrongType } from "./check-context.js";
import { checkMap } from "./check-map.js";
import { checkEnum, checkScalar } from "./check-scalar.js";
import { wellKnownCheck } from "./check-well-known.js";
import { below, type Place, shorten } from "./place.js";
import { isSecretField } from "./sensitive.js";
import { suggest } from "./suggest.js";
import { isTreeList, isTreeMap, type Tree, type TreeMap } from "./tree.js";

const fieldsByName = new WeakMap<DescMessage, ReadonlyMap<string, DescField>>();

/** Checks a message against its descriptor; see {@link CheckContext}. */
export function checkMessage(schema: DescMessage, tree: Tree, place: Place, context: CheckContext): JsonValue {
  if (!context.enter(place, 1)) return null;
  const wellKnown = wellKnownCheck(schema);
  if (wellKnown !== undefined) return wellKnown(schema, tree, place, context);
  if (isTreeMap(tree)) return checkFields(schema, tree, place, context);
  return wrongType(context, place, `a map with fields of ${schema.typeName}`, tree);
}

function checkFields(schema: DescMessage, tree: TreeMap, place: Place, context: CheckContext): JsonValue {
  const fields = fieldsOf(schema);
  const given = new Map<DescField | DescOneof, string>();
  const json: [string, JsonValue][] = [];
  const entries = Object.entries(tree);
  context.enter(place, entries.length);
  for (const [key, value] of entries) {
    const field = fields.get(key);
    if (field === undefined) {
      reportUnknown(schema, key, place, context);
      continue;
    }
    const at = below(place, key, isSecretField(field));
    if (given.has(field)) {
      const message = `the same field as ${JSON.stringify(given.get(field))}`;
      context.problems.report(at, "key", "field-conflict", message);
      continue;
    }
    given.set(field, key);
    // Null means: not given. Only two types have a value that is written null.
    if (value === null && !takesNull(field)) continue;
    if (field.oneof !== undefined && given.has(field.oneof)) {
      const message = `only one of this and ${JSON.stringify(given.get(field.oneof))} can be given`;
      context.problems.report(at, "key", "field-conflict", message);
    } else if (field.oneof !== undefined) {
      given.set(field.oneof, key);
    }
    json.push([field.jsonName, checkField(field, value, at, context)]);
  }
  return Object.fromEntries(json);
}

function checkField(field: DescField, tree: Tree, place: Place, context: CheckContext): JsonValue {
  switch (field.fieldKind) {
    case "scalar":
      return checkScalar(field.scalar, tree, place, context);
    case "enum":
      return checkEnum(field.enum, tree, place, context);
    case "message":
      return context.message(field.message, tree, place);
    case "map":
      return checkMap(field, tree, place, context);
    case "list":
      if (!isTreeList(tree)) return wrongType(context, place, "a list", tree);
      context.enter(place, tree.length);
      return tree.map((item, i) => checkItem(field, item, below(place, i), context));
  }
}

function checkItem(
  field: DescField & { fieldKind: "list" },
  tree: Tree,
  place: Place,
  context: CheckContext,
): JsonValue {
  if (tree === null && !takesNull(field)) return wrongType(context, place, "a value", tree);
  switch (field.listKind) {
    case "scalar":
      return checkScalar(field.scalar, tree, place, context);
    case "enum":
      return checkEnum(field.enum, tree, place, context);
    case "message":
      return context.message(field.message, tree, place);
  }
}

function takesNull(field: DescField): boolean {
  return field.message?.typeName === "google.protobuf.Value" || field.enum?.typeName === "google.protobuf.NullValue";
}

function reportUnknown(schema: DescMessage, key: string, place: Place, context: CheckContext): void {
  const suggestion = suggest(
    key,
    schema.fields.map((field) => field.name),
  );
  // Where secrets stand, a key may be one that slipped; one that is almost a field's name is none.
  const hidden = place.secret && suggestion === undefined;
  const name = hidden ? "" : ` ${shorten(key)}`;
  context.problems.report(
    hidden ? place : below(place, key),
    hidden ? "value" : "key",
    "unknown-field",
    `unknown field${name} of ${schema.typeName}`,
    suggestion,
  );
}

/** The fields by the two names that proto3 JSON allows: the one in the .proto file and its lowerCamelCase form. */
function fieldsOf(schema: DescMessage): ReadonlyMap<string, DescField> {
  let fields = fieldsByName.get(schema);
  if (fields === undefined) {
    fields = new Map(schema.fields.flatMap((field) => [field.name, field.jsonName].map((name) => [name, field])));
    fieldsByName.set(schema, fields);
  }
  return fields;
}
