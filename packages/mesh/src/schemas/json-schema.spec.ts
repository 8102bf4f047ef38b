import { Ajv } from "ajv";
import formats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nearlyDocument } from "../../spec-support/nearly-document.js";
import { bad, badBeyondSchema, good } from "../../spec-support/sample-documents.js";
import type { DocumentProblem } from "../documents/document-problem.js";
import { MeshError } from "../documents/mesh-error.js";
import { parseDocument } from "../documents/parse-documents.js";
import { type Kind, kinds } from "../model/document.js";
import { anyJsonSchema, type JsonSchema, jsonSchema, schemaFiles } from "./json-schema.js";

const ajv = new Ajv({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
formats.default(ajv);

const names = Object.keys(kinds) as Kind[];
const ofKind = new Map<string, ReturnType<typeof ajv.compile>>(
  names.map((kind) => [kind, ajv.compile(jsonSchema(kind))]),
);
const ofAny = ajv.compile(anyJsonSchema());

const kindOf = (value: unknown) => String(Object(value).kind);

function problemsOf(value: unknown): readonly DocumentProblem[] {
  try {
    parseDocument(value);
    return [];
  } catch (error) {
    if (error instanceof MeshError) return error.problems;
    throw error;
  }
}

describe("the schemas judge as the parser does", () => {
  test.each(good)("%s is accepted", (_, value) => {
    const validate = ofKind.get(kindOf(value));
    expect([validate?.(value), validate?.errors]).toEqual([true, null]);
    expect([ofAny(value), ofAny.errors]).toEqual([true, null]);
  });

  test.each(bad)("%s is refused", (_, value) => {
    expect(ofAny(value)).toBe(false);
    for (const validate of ofKind.values()) expect(validate(value)).toBe(false);
  });

  test.each(badBeyondSchema)("%s is not known to them", (_, value) => {
    expect(ofAny(value)).toBe(true);
  });

  test("whatever is given, they say what the parser says", () => {
    fc.assert(
      fc.property(nearlyDocument, (value) => {
        const problems = problemsOf(value);
        // These alone are beyond them.
        fc.pre(!problems.some(({ message }) => /RE2|this name cannot/.test(message)));
        expect(ofAny(value)).toBe(problems.length === 0);
        const own = ofKind.get(kindOf(value));
        if (own !== undefined) expect(own(value)).toBe(problems.length === 0);
      }),
    );
  });

  test("a good document of each kind is in the table, and is of no other kind", () => {
    expect(new Set(good.map(([, value]) => kindOf(value)))).toEqual(new Set(names));
    for (const [, value] of good) {
      const accepting = names.filter((kind) => ofKind.get(kind)?.(value));
      expect(accepting).toEqual([kindOf(value)]);
    }
  });
});

describe("what editors show", () => {
  test.each(names)("every field of %s has a description", (kind) => {
    const undescribed = fieldsOf(jsonSchema(kind), kind).filter(([, schema]) => !schema.description);
    expect(undescribed.map(([path]) => path)).toEqual([]);
  });

  test.each(names)("%s has its name as title, and a description", (kind) => {
    expect(jsonSchema(kind)).toMatchObject({ title: kind, description: expect.stringMatching(/\.$/) });
  });

  test("every optional leaf tells its default", () => {
    const silent = names.flatMap((kind) =>
      fieldsOf(jsonSchema(kind), kind)
        .filter(([, schema, required]) => !required && schema.type !== "object" && !isForm(schema))
        .filter(([, schema]) => !/Default: /.test(String(schema.description))),
    );
    expect(silent.map(([path]) => path)).toEqual([]);
  });
});

test("files are named after kinds", () => {
  expect(Object.keys(schemaFiles()).sort()).toEqual([
    "authorization-policy.json",
    "document.json",
    "egress-scope.json",
    "mesh.json",
    "node.json",
    "route.json",
    "service.json",
    "traffic-policy.json",
    "workload.json",
  ]);
});

const isForm = (schema: JsonSchema) => schema.const !== undefined;

/** All named fields of a schema at any depth: path, schema, whether it must be there. */
function fieldsOf(schema: JsonSchema, path: string): [path: string, schema: JsonSchema, required: boolean][] {
  const required = (schema.required ?? []) as readonly string[];
  const own = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>).flatMap(([name, field]) => {
    const below = `${path}.${name}`;
    return [[below, field, required.includes(name)] as [string, JsonSchema, boolean], ...fieldsOf(field, below)];
  });
  const forms = ["anyOf", "oneOf"].flatMap((word) => (schema[word] ?? []) as readonly JsonSchema[]);
  const inner = [schema.items, schema.additionalProperties, ...forms].filter(
    (part): part is JsonSchema => typeof part === "object",
  );
  return [...own, ...inner.flatMap((part) => fieldsOf(part, `${path}[]`))];
}
