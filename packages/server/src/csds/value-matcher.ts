import type { JsonValue } from "@bufbuild/protobuf";
import type { DoubleMatcher } from "@rxds/envoy-api/envoy/type/matcher/v3/number";
import type { ValueMatcher } from "@rxds/envoy-api/envoy/type/matcher/v3/value";
import { CallError } from "../calls/call-error.js";
import { stringTest } from "./string-matcher.js";

/** Whether a value of a node's metadata fits; undefined: there is none. */
export type ValueTest = (value: JsonValue | undefined) => boolean;

/**
 * `envoy.type.matcher.v3.ValueMatcher` as a function.
 * @throws CallError INVALID_ARGUMENT when it is incomplete.
 */
export function valueTest(matcher: ValueMatcher | undefined, path: string): ValueTest {
  const { case: kind, value: pattern } = matcher?.matchPattern ?? { case: undefined };
  switch (kind) {
    case "nullMatch":
      return (value) => value === null;
    case "boolMatch":
      return (value) => value === pattern;
    case "presentMatch":
      return (value) => (value !== undefined) === pattern;
    case "doubleMatch":
      return doubleTest(pattern, `${path}.double_match`);
    case "stringMatch": {
      const test = stringTest(pattern, `${path}.string_match`);
      return (value) => typeof value === "string" && test(value);
    }
    case "listMatch": {
      const test = valueTest(pattern.matchPattern.value, `${path}.list_match.one_of`);
      return (value) => Array.isArray(value) && value.some(test);
    }
    case "orMatch": {
      const tests = pattern.valueMatchers.map((one, i) => valueTest(one, `${path}.or_match.value_matchers[${i}]`));
      return (value) => tests.some((test) => test(value));
    }
    case undefined:
      throw new CallError("INVALID_ARGUMENT", `${path}: expected a match_pattern`);
  }
}

function doubleTest({ matchPattern: { case: kind, value: wanted } }: DoubleMatcher, path: string): ValueTest {
  switch (kind) {
    case "exact":
      return (value) => value === wanted;
    case "range":
      return (value) => typeof value === "number" && value >= wanted.start && value < wanted.end;
    case undefined:
      throw new CallError("INVALID_ARGUMENT", `${path}: expected exact or range`);
  }
}
