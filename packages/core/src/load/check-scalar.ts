import { type DescEnum, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { type CheckContext, kindOf, shown, wrongType } from "./check-context.js";
import type { Place } from "./place.js";
import { suggest } from "./suggest.js";
import type { Tree } from "./tree.js";

const INT32: Range = [-(2n ** 31n), 2n ** 31n - 1n];
const UINT32: Range = [0n, 2n ** 32n - 1n];
const INT64: Range = [-(2n ** 63n), 2n ** 63n - 1n];
const UINT64: Range = [0n, 2n ** 64n - 1n];
const FLOAT_MAX = 3.4028234663852886e38;

/** The least and the greatest value. */
type Range = readonly [bigint, bigint];

/** The range of an integer type; undefined: it is none. */
export function integerRange(type: ScalarType): Range | undefined {
  switch (type) {
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return INT32;
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return UINT32;
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return INT64;
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return UINT64;
    default:
      return undefined;
  }
}

/** Checks the value of a scalar field. */
export function checkScalar(type: ScalarType, tree: Tree, place: Place, context: CheckContext): JsonValue {
  const range = integerRange(type);
  if (range !== undefined) return checkInteger(range, tree, place, context);
  switch (type) {
    case ScalarType.BOOL:
      return typeof tree === "boolean" ? tree : wrongType(context, place, "true or false", tree);
    case ScalarType.STRING:
      return checkString(tree, place, context);
    case ScalarType.BYTES:
      return checkBytes(tree, place, context);
    default:
      return checkFloat(type === ScalarType.FLOAT, tree, place, context);
  }
}

/** Checks the value of an enum field: the name of one of its values, or a number. */
export function checkEnum(schema: DescEnum, tree: Tree, place: Place, context: CheckContext): JsonValue {
  if (schema.typeName === "google.protobuf.NullValue" && tree === null) return null;
  if (typeof tree === "number" || typeof tree === "bigint") {
    const number = checkInteger(INT32, tree, place, context);
    if (number === null || schema.open || schema.values.some((value) => value.number === number)) return number;
  } else if (typeof tree !== "string") {
    return wrongType(context, place, `the name of a value of ${schema.typeName}`, tree);
  } else if (schema.values.some((value) => value.name === tree || value.jsonName === tree)) {
    return tree;
  }
  const names = schema.values.map((value) => value.name);
  const few = names.length <= 12 ? `, expected one of ${names.join(", ")}` : "";
  const suggestion = typeof tree === "string" ? suggest(tree, names) : undefined;
  const message = `unknown value ${shown(tree, place)} of ${schema.typeName}${few}`;
  context.problems.report(place, "value", "unknown-enum-value", message, suggestion);
  return null;
}

/** Checks a text. */
export function checkString(tree: Tree, place: Place, context: CheckContext): JsonValue {
  if (typeof tree !== "string") {
    const hint = typeof tree === "number" || typeof tree === "bigint" || typeof tree === "boolean" ? " in quotes" : "";
    return wrongType(context, place, `a text${hint}`, tree);
  }
  return isWellFormed(tree) ? tree : wrongType(context, place, "well-formed Unicode", tree);
}

/** Whether a text can be written as UTF-8: half of a surrogate pair cannot. */
export function isWellFormed(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}

function checkInteger([least, greatest]: Range, tree: Tree, place: Place, context: CheckContext): JsonValue {
  const expected = `a whole number from ${least} to ${greatest}`;
  const value = toInteger(tree);
  if (value === undefined) return wrongType(context, place, expected, tree);
  if (value < least || value > greatest) {
    context.problems.report(place, "value", "out-of-range", `expected ${expected}, got ${shown(tree, place)}`);
    return null;
  }
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** A whole number from a number or, as proto3 JSON allows, from a text of its digits. */
function toInteger(tree: Tree): bigint | undefined {
  if (typeof tree === "bigint") return tree;
  if (typeof tree === "number") return Number.isInteger(tree) ? BigInt(tree) : undefined;
  if (typeof tree !== "string" || tree.length > 40) return undefined;
  if (/^-?(0|[1-9]\d*)$/.test(tree)) return BigInt(tree);
  const float = /^-?\d+(\.\d+)?(e[+-]?\d{1,2})?$/i.test(tree) ? Number(tree) : Number.NaN;
  return Number.isSafeInteger(float) ? BigInt(float) : undefined;
}

function checkFloat(single: boolean, tree: Tree, place: Place, context: CheckContext): JsonValue {
  if (tree === "NaN" || tree === "Infinity" || tree === "-Infinity") return tree;
  const isText = typeof tree === "string" && /^-?\d+(\.\d+)?(e[+-]?\d{1,4})?$/i.test(tree);
  const value = typeof tree === "number" || typeof tree === "bigint" || isText ? Number(tree) : undefined;
  if (value === undefined) return wrongType(context, place, "a number", tree);
  // YAML's .nan and .inf; a text or whole number that overflows is out of range.
  if (typeof tree === "number" && !Number.isFinite(tree)) return String(tree);
  if (Math.abs(value) <= (single ? FLOAT_MAX : Number.MAX_VALUE)) return value;
  const expected = `a number that a ${single ? "float" : "double"} can hold`;
  context.problems.report(place, "value", "out-of-range", `expected ${expected}, got ${shown(tree, place)}`);
  return null;
}

function checkBytes(tree: Tree, place: Place, context: CheckContext): JsonValue {
  const expected = "bytes in base64";
  if (typeof tree !== "string") return wrongType(context, place, expected, tree);
  try {
    base64Decode(tree);
    return tree;
  } catch {
    context.problems.report(place, "value", "wrong-type", `expected ${expected}, got ${kindOf(tree)} that is none`);
    return null;
  }
}
