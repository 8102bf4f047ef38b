import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { StringMatcherSchema } from "@rxds/envoy-api/envoy/type/matcher/v3/string";
import { describe, expect, test } from "vitest";
import { CallError } from "../calls/call-error.js";
import { stringTest } from "./string-matcher.js";

type Pattern = NonNullable<MessageInitShape<typeof StringMatcherSchema>["matchPattern"]>;

const matcher = (matchPattern: Pattern, ignoreCase = false) =>
  stringTest(create(StringMatcherSchema, { matchPattern, ignoreCase }), "node_id");
const regex = (text: string) => matcher({ case: "safeRegex", value: { regex: text } });

test.each<[Pattern, string, string]>([
  [{ case: "exact", value: "web-1" }, "web-1", "web-10"],
  [{ case: "prefix", value: "web" }, "web-1", "a web"],
  [{ case: "suffix", value: "-1" }, "web-1", "web-12"],
  [{ case: "contains", value: "b-" }, "web-1", "web1"],
  [{ case: "safeRegex", value: { regex: "web-\\d+" } }, "web-12", "web-12x"],
])("%o fits %s and not %s", (pattern, fits, not) => {
  const matches = matcher(pattern);
  expect([matches(fits), matches(not)]).toEqual([true, false]);
});

test("upper and lower case are told apart, unless the matcher says otherwise", () => {
  expect(matcher({ case: "prefix", value: "WEB" })("web-1")).toBe(false);
  expect(matcher({ case: "prefix", value: "WEB" }, true)("Web-1")).toBe(true);
});

describe("an expression", () => {
  test("that would make another engine run for ever takes no longer than any", () => {
    expect(regex("(x+x+)+y")("x".repeat(500))).toBe(false);
    expect(regex("[0-9a-f]{8}(-[0-9a-f]{4}-[0-9a-f]{12})?")("0123abcd-4567-0123456789ab")).toBe(true);
  });

  test("fits no text that is longer than an id should be", () => {
    expect(regex(".*")("x".repeat(512))).toBe(true);
    expect(regex(".*")("x".repeat(513))).toBe(false);
  });

  test.each(["(", "x".repeat(257), "a{200}b{200}", "(ab){20}", "(?<=a)b"])("%s is refused", (text) => {
    expect(() => regex(text)).toThrow(CallError);
    expect(() => regex(text)).toThrow(/node_id.safe_regex.regex: expected an RE2 expression/);
  });
});

test("a matcher without a pattern, or of a kind that is not supported, is refused", () => {
  expect(() => matcher({ case: undefined })).toThrow(/node_id: expected exact, .* got nothing/);
  expect(() => matcher({ case: "custom", value: { name: "mine" } })).toThrow(/got custom/);
});
