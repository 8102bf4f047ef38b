import { suggest } from "@rxds/core/yaml";
import type { z } from "zod";
import { type Finding, type Step, unexpected } from "./finding.js";
import {
  either,
  fieldsOf,
  hasType,
  optionsOf,
  type Schema,
  schemaAt,
  schemaText,
  withoutExpected,
} from "./schema-text.js";

/** What a schema said about a value, and where in the document that value stands. */
interface Checked {
  readonly schema: Schema;
  readonly value: unknown;
  readonly steps: readonly Step[];
}

type Issue = z.core.$ZodIssue;

/** Issues of a schema as findings, each with its own place: the place inside the form that was meant, where there are several. */
export function findingsOf(issues: readonly Issue[], checked: Checked): Finding[] {
  return withoutMisspelt(issues.flatMap((issue) => findingsOfIssue(issue, checked)));
}

function findingsOfIssue(issue: Issue, checked: Checked): Finding[] {
  const steps = [...checked.steps, ...(issue.path as Step[])];
  const schema = schemaAt(checked.schema, issue.path);
  const value = valueAt(checked.value, issue.path);
  const expected = schema === undefined ? "something else" : schemaText(schema);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownField(key, steps, fieldsOf(schema) ?? []));
  }
  if (issue.code === "invalid_key") {
    const text = withoutExpected(issue.issues[0]?.message ?? "") ?? "a key that is not empty";
    return [unexpected("invalid-value", steps, text, steps.at(-1), "key")];
  }
  if (value === undefined) {
    return [{ code: "missing-field", steps, what: "value", expected, message: `missing; expected ${expected}` }];
  }
  switch (issue.code) {
    case "invalid_union":
      return findingsOfUnion(issue.errors, { schema: schema ?? checked.schema, value, steps });
    case "invalid_type":
      return [unexpected(isFraction(value, schema) ? "invalid-value" : "wrong-type", steps, expected, value)];
    case "too_small":
    case "too_big":
      return [unexpected("invalid-value", steps, limitText(issue, expected), value)];
    case "custom": {
      const text = withoutExpected(issue.message) ?? expected;
      if (typeof value !== "object") return [unexpected("invalid-value", steps, text, value)];
      return [{ code: "conflict", steps, what: "key", expected: text, message: issue.message }];
    }
    case "invalid_format":
      return [unexpected("invalid-value", steps, formatText(issue, expected), value)];
    default:
      return [unexpected("invalid-value", steps, expected, value)];
  }
}

/** Forms of which none fits: the one that was meant is told about, where the fields show which that is. */
function findingsOfUnion(errors: readonly (readonly Issue[])[], checked: Checked): Finding[] {
  const { schema, value, steps } = checked;
  const expected = schemaText(schema);
  const options = optionsOf(schema);
  if (!isMap(value) || Object.keys(value).length === 0) {
    const known = options.some((option) => typeof value === "object" || hasType(option, value));
    return [unexpected(known ? "invalid-value" : "wrong-type", steps, expected, value)];
  }
  const fits = options.map((option) => (fieldsOf(option) ?? []).filter((field) => Object.hasOwn(value, field)));
  const most = Math.max(...fits.map((fields) => fields.length));
  if (most === 0) {
    const all = options.flatMap((option) => fieldsOf(option) ?? []);
    return Object.keys(value).map((key) => unknownField(key, steps, all));
  }
  const best = fits.flatMap((fields, i) => (fields.length === most ? [i] : []));
  const [meant = 0] = best;
  const option = options[meant];
  if (best.length > 1) {
    const names = either(
      best.flatMap((i) => fits[i] ?? []).map((name) => JSON.stringify(name)),
      "and",
    );
    return [{ code: "conflict", steps, what: "key", expected, message: `expected only one of ${names}` }];
  }
  return option === undefined ? [] : findingsOf(errors[meant] ?? [], { schema: option, value, steps });
}

function unknownField(key: string, steps: readonly Step[], fields: readonly string[]): Finding {
  const expected = fields.length === 0 ? "no fields" : `the fields ${either([...fields].sort(), "and")}`;
  return {
    code: "unknown-field",
    steps: [...steps, key],
    what: "key",
    expected,
    message: `unknown field; there are ${either([...fields].sort(), "and")}`,
    suggestion: suggest(key, fields),
  };
}

/** A field that is missing because its name is misspelt is one problem, not two. */
function withoutMisspelt(findings: readonly Finding[]): Finding[] {
  const meant = new Set(
    findings.flatMap(({ code, steps, suggestion }) =>
      code === "unknown-field" && suggestion !== undefined ? [placeText([...steps.slice(0, -1), suggestion])] : [],
    ),
  );
  return findings.filter(({ code, steps }) => code !== "missing-field" || !meant.has(placeText(steps)));
}

const placeText = (steps: readonly Step[]) => JSON.stringify(steps);

function limitText(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, expected: string): string {
  const limit = issue.code === "too_small" ? issue.minimum : issue.maximum;
  const bound = issue.code === "too_small" ? "at least" : "at most";
  if (issue.origin === "array") return `a list of ${bound} ${limit} ${Number(limit) === 1 ? "entry" : "entries"}`;
  if (issue.origin !== "string") return expected;
  return Number(limit) === 1 ? "a text that is not empty" : `a text of ${bound} ${limit} characters`;
}

function formatText(issue: z.core.$ZodIssueInvalidStringFormat, expected: string): string {
  if ("prefix" in issue && typeof issue.prefix === "string") return `a text that begins with "${issue.prefix}"`;
  return withoutExpected(issue.message) ?? expected;
}

/** Whether it is a number where a whole one belongs. */
function isFraction(value: unknown, schema: Schema | undefined): boolean {
  return typeof value === "number" && schema !== undefined && schemaText(schema).includes("number");
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[step];
  }
  return at;
}
