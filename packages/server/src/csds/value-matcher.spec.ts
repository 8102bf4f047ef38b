import { create, type JsonValue, type MessageInitShape } from "@bufbuild/protobuf";
import { ValueMatcherSchema } from "@rxds/envoy-api/envoy/type/matcher/v3/value";
import { expect, test } from "vitest";
import { valueTest } from "./value-matcher.js";

type Pattern = NonNullable<MessageInitShape<typeof ValueMatcherSchema>["matchPattern"]>;

const matcher = (matchPattern: Pattern) => valueTest(create(ValueMatcherSchema, { matchPattern }), "value");
const exact = (value: string): Pattern => ({
  case: "stringMatch",
  value: { matchPattern: { case: "exact", value } },
});

test.each<[Pattern, JsonValue | undefined, JsonValue | undefined]>([
  [{ case: "nullMatch", value: {} }, null, undefined],
  [{ case: "boolMatch", value: false }, false, undefined],
  [{ case: "boolMatch", value: true }, true, "true"],
  [{ case: "presentMatch", value: true }, null, undefined],
  [{ case: "presentMatch", value: false }, undefined, 0],
  [exact("red"), "red", ["red"]],
  [{ case: "doubleMatch", value: { matchPattern: { case: "exact", value: 1.5 } } }, 1.5, "1.5"],
  [{ case: "doubleMatch", value: { matchPattern: { case: "range", value: { start: 1, end: 2 } } } }, 1, 2],
  [
    { case: "listMatch", value: { matchPattern: { case: "oneOf", value: { matchPattern: exact("red") } } } },
    ["blue", "red"],
    ["blue"],
  ],
  [
    {
      case: "orMatch",
      value: { valueMatchers: [{ matchPattern: exact("red") }, { matchPattern: { case: "nullMatch", value: {} } }] },
    },
    null,
    "blue",
  ],
])("%o fits %o and not %o", (pattern, fits, not) => {
  const matches = matcher(pattern);
  expect([matches(fits), matches(not)]).toEqual([true, false]);
});

test.each<[Pattern, string]>([
  [{ case: undefined }, "value: expected a match_pattern"],
  [{ case: "doubleMatch", value: {} }, "value.double_match: expected exact or range"],
  [{ case: "listMatch", value: {} }, "value.list_match.one_of: expected a match_pattern"],
  [{ case: "orMatch", value: { valueMatchers: [{}] } }, "value.or_match.value_matchers[0]: expected a match_pattern"],
])("an incomplete matcher %o is refused with its place", (pattern, message) => {
  expect(() => matcher(pattern)).toThrow(message);
});
