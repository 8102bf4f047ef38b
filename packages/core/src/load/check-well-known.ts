import { type DescMessage, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { checkAny } from "./check-any.js";
import { type CheckContext, shown, wrongType } from "./check-context.js";
import { checkScalar, isWellFormed } from "./check-scalar.js";
import { below, belowKey, type Place } from "./place.js";
import { isTreeList, isTreeMap, type Tree } from "./tree.js";

/** Checks a message whose JSON is no map of its fields. */
type WellKnownCheck = (schema: DescMessage, tree: Tree, place: Place, context: CheckContext) => JsonValue;

const checks: Readonly<Record<string, WellKnownCheck>> = {
  "google.protobuf.Any": (_, tree, place, context) => checkAny(tree, place, context),
  "google.protobuf.Duration": (_, tree, place, context) => checkDuration(tree, place, context),
  "google.protobuf.Timestamp": (schema, tree, place, context) =>
    checkText(schema, tree, place, context, 'a time such as "2030-01-31T12:00:00Z"'),
  "google.protobuf.FieldMask": (schema, tree, place, context) =>
    checkText(schema, tree, place, context, 'paths in lowerCamelCase such as "a.b,cD"'),
  "google.protobuf.Value": (_, tree, place, context) => checkValue(tree, place, context),
  "google.protobuf.Struct": (_, tree, place, context) =>
    isTreeMap(tree) ? checkValue(tree, place, context) : wrongType(context, place, "a map", tree),
  "google.protobuf.ListValue": (_, tree, place, context) =>
    isTreeList(tree) ? checkValue(tree, place, context) : wrongType(context, place, "a list", tree),
};

/** The check of a message whose JSON is no map of its fields; undefined for all others. */
export function wellKnownCheck(schema: DescMessage): WellKnownCheck | undefined {
  if (!schema.typeName.startsWith("google.protobuf.")) return undefined;
  return isWrapperDesc(schema) ? checkWrapper : checks[schema.typeName];
}

function checkWrapper(schema: DescMessage, tree: Tree, place: Place, context: CheckContext): JsonValue {
  const field = schema.fields[0];
  return field?.fieldKind === "scalar" ? checkScalar(field.scalar, tree, place, context) : null;
}

const MAX_SECONDS = 315_576_000_000;
const secondsOf: Readonly<Record<string, number>> = { ms: 0.001, m: 60, min: 60, h: 3600, "": 1 };

function checkDuration(tree: Tree, place: Place, context: CheckContext): JsonValue {
  const expected = 'seconds such as "0.25s" or "300s"';
  if (typeof tree === "string" && /^-?\d{1,12}(\.\d{1,9})?s$/.test(tree)) {
    if (Math.abs(Number(tree.slice(0, -1))) <= MAX_SECONDS) return tree;
    const message = `expected at most ${MAX_SECONDS} seconds, got ${shown(tree, place)}`;
    context.problems.report(place, "value", "out-of-range", message);
    return null;
  }
  const { number, unit = "" } =
    /^(?<number>\d{1,9}(\.\d{1,6})?)\s*(?<unit>ms|m|min|h|)$/.exec(String(tree))?.groups ?? {};
  const seconds = Number(number) * (secondsOf[unit] ?? Number.NaN);
  const suggestion = place.secret || Number.isNaN(seconds) ? undefined : `${Number(seconds.toFixed(9))}s`;
  context.problems.report(place, "value", "wrong-type", `expected ${expected}, got ${shown(tree, place)}`, suggestion);
  return null;
}

function checkText(schema: DescMessage, tree: Tree, place: Place, context: CheckContext, expected: string): JsonValue {
  if (typeof tree !== "string") return wrongType(context, place, expected, tree);
  try {
    fromJson(schema, tree);
    return tree;
  } catch {
    context.problems.report(place, "value", "wrong-type", `expected ${expected}, got ${shown(tree, place)}`);
    return null;
  }
}

/** Any JSON, with the keys of maps in the fixed order that equal bytes need. */
function checkValue(tree: Tree, place: Place, context: CheckContext): JsonValue {
  if (!context.enter(place, 1)) return null;
  if (typeof tree === "bigint") return Number(tree);
  if (typeof tree === "string" && !isWellFormed(tree)) return wrongType(context, place, "well-formed Unicode", tree);
  if (typeof tree === "number" && !Number.isFinite(tree)) return wrongType(context, place, "a finite number", tree);
  if (isTreeList(tree)) return tree.map((item, i) => checkValue(item, below(place, i), context));
  if (!isTreeMap(tree)) return tree;
  const keys = Object.keys(tree).sort();
  return Object.fromEntries(keys.map((key) => [key, checkValue(tree[key] ?? null, belowKey(place, key), context)]));
}
