import type { StringMatcher } from "@rxds/envoy-api/envoy/type/matcher/v3/string";
import { CallError } from "../calls/call-error.js";
import { regexTest } from "./regex.js";

/**
 * `envoy.type.matcher.v3.StringMatcher` as a function. Regular expressions must fit the whole text.
 * @throws CallError INVALID_ARGUMENT when it is incomplete, or of a kind that is not supported.
 */
export function stringTest({ matchPattern, ignoreCase }: StringMatcher, path: string): (text: string) => boolean {
  const fold = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  const { case: kind, value } = matchPattern;
  switch (kind) {
    case "safeRegex":
      // As in Envoy, `ignore_case` is not for expressions: they say so themselves.
      return safeRegex(value.regex, `${path}.safe_regex.regex`);
    case "exact":
      return (text) => fold(text) === fold(value);
    case "prefix":
      return (text) => fold(text).startsWith(fold(value));
    case "suffix":
      return (text) => fold(text).endsWith(fold(value));
    case "contains":
      return (text) => fold(text).includes(fold(value));
    default: {
      const got = kind === undefined ? "nothing" : kind;
      const expected = "expected exact, prefix, suffix, contains or safe_regex";
      throw new CallError("INVALID_ARGUMENT", `${path}: ${expected}, got ${got}`);
    }
  }
}

function safeRegex(regex: string, path: string): (text: string) => boolean {
  try {
    return regexTest(regex);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CallError("INVALID_ARGUMENT", `${path}: expected an RE2 expression: ${why}`);
  }
}
