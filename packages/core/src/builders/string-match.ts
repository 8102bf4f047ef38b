import { create } from "@bufbuild/protobuf";
import { type StringMatcher, StringMatcherSchema } from "@rxds/envoy-api/envoy/type/matcher/v3/string";
import { exactlyOne } from "./builder-error.js";

/** How a text is matched: the text itself, or exactly one of the members but `ignoreCase`. */
export type StringMatch = string | StringMatchOptions;

/** How a text is matched, in detail. */
export interface StringMatchOptions {
  /** The whole text. */
  readonly exact?: string;
  /** How it begins; not empty. */
  readonly prefix?: string;
  /** How it ends; not empty. */
  readonly suffix?: string;
  /** What it contains; not empty. */
  readonly contains?: string;
  /** A regular expression in RE2 syntax that matches the whole text. */
  readonly regex?: string;
  /** Whether case does not matter; not with `regex` (write `(?i)` there). Default: false. */
  readonly ignoreCase?: boolean;
}

/** A string matcher from its short form. */
export function stringMatcher(match: StringMatch, path: string): StringMatcher {
  const spec = typeof match === "string" ? { exact: match } : match;
  const key = exactlyOne(spec, ["exact", "prefix", "suffix", "contains", "regex"], path);
  const value = spec[key] ?? "";
  return create(StringMatcherSchema, {
    matchPattern: key === "regex" ? { case: "safeRegex", value: { regex: value } } : { case: key, value },
    ignoreCase: spec.ignoreCase ?? false,
  });
}
