import { type DescField, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { type CheckContext, wrongType } from "./check-context.js";
import { checkEnum, checkScalar, integerRange, isWellFormed } from "./check-scalar.js";
import { belowKey, type Place } from "./place.js";
import { isTreeMap, type Tree } from "./tree.js";

type MapField = DescField & { fieldKind: "map" };

/** Checks a map field. Its keys come out in the fixed order that equal bytes need, also inside an Any. */
export function checkMap(field: MapField, tree: Tree, place: Place, context: CheckContext): JsonValue {
  if (!isTreeMap(tree)) return wrongType(context, place, "a map", tree);
  const keys = Object.keys(tree).sort();
  context.enter(place, keys.length);
  const entries = keys.map((key): [string, JsonValue] => {
    const at = belowKey(place, key);
    checkKey(field, key, at, context);
    return [key, checkEntry(field, tree[key] ?? null, at, context)];
  });
  return Object.fromEntries(entries);
}

function checkEntry(field: MapField, tree: Tree, place: Place, context: CheckContext): JsonValue {
  switch (field.mapKind) {
    case "scalar":
      return checkScalar(field.scalar, tree, place, context);
    case "enum":
      return checkEnum(field.enum, tree, place, context);
    case "message":
      if (tree === null && field.message.typeName !== "google.protobuf.Value") {
        return wrongType(context, place, "a value", tree);
      }
      return context.message(field.message, tree, place);
  }
}

function checkKey(field: MapField, key: string, place: Place, context: CheckContext): void {
  const { mapKey } = field;
  const range = integerRange(mapKey);
  if (range !== undefined) {
    const [least, greatest] = range;
    const legal = key.length < 25 && /^(0|-?[1-9]\d*)$/.test(key) && BigInt(key) >= least && BigInt(key) <= greatest;
    if (!legal) reportKey(place, context, `a whole number from ${least} to ${greatest}`);
  } else if (mapKey === ScalarType.BOOL) {
    if (key !== "true" && key !== "false") reportKey(place, context, "true or false");
  } else if (!isWellFormed(key)) {
    reportKey(place, context, "well-formed Unicode");
  }
}

function reportKey(place: Place, context: CheckContext, expected: string): void {
  context.problems.report(place, "key", "wrong-type", `expected a key that is ${expected}`);
}
