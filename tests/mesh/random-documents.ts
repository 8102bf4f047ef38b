import { jsonSchema, type Kind, type MeshDocument, parseDocument } from "@rxds/mesh";
import fc from "fast-check";

interface Schema {
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

/** Fields whose values must fit something else, or whose form no schema tells. */
export type Known = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** Random documents of a kind that the parser takes; `known` gives the values of fields by their name. */
export function documentsOf(kind: Kind, known: Known): fc.Arbitrary<MeshDocument> {
  const spec = (jsonSchema(kind) as Schema).properties?.spec;
  if (spec === undefined) throw new Error(`there is no spec in the schema of ${kind}`);
  return fc
    .tuple(fc.constantFrom("a", "b", "c"), arbitraryOf(spec, "spec", known))
    .map(([name, value]) => {
      try {
        return parseDocument({ apiVersion: "rxds.dev/v1alpha1", kind, metadata: { name }, spec: value });
      } catch {
        // What a schema does not tell, such as what goes together.
        return undefined;
      }
    })
    .filter((document) => document !== undefined);
}

function arbitraryOf(schema: Schema, name: string, known: Known): fc.Arbitrary<unknown> {
  const given = known[name];
  if (given !== undefined) return given;
  if ("const" in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const forms = schema.anyOf ?? schema.oneOf;
  if (forms !== undefined) return fc.oneof(...forms.map((form) => arbitraryOf(form, name, known)));
  switch (schema.type) {
    case "object":
      return objectOf(schema, known);
    case "array": {
      const { items = {}, minItems = 0 } = schema;
      return fc.array(arbitraryOf(items, `${name}[]`, known), { minLength: minItems, maxLength: minItems + 2 });
    }
    case "string":
      return textOf(schema);
    case "integer":
      return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 1000 });
    case "number":
      return fc.double({ min: schema.minimum ?? 0, max: schema.maximum ?? 1000, noNaN: true });
    case "boolean":
      return fc.boolean();
    default:
      throw new Error(`no way to make ${name}: ${JSON.stringify(schema)}`);
  }
}

function objectOf({ properties = {}, required = [], additionalProperties, propertyNames }: Schema, known: Known) {
  if (typeof additionalProperties === "object") {
    return fc.dictionary(textOf(propertyNames ?? {}), arbitraryOf(additionalProperties, "*", known), {
      minKeys: 1,
      maxKeys: 2,
    });
  }
  const fields = Object.entries(properties).map(([name, field]) => [name, arbitraryOf(field, name, known)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: [...required] });
}

function textOf({ pattern, minLength = 0 }: Schema): fc.Arbitrary<string> {
  if (pattern === undefined) return fc.string({ minLength, maxLength: 12 });
  // The generator knows no look-ahead: what it would have forbidden is left out afterwards.
  const simple = new RegExp(withoutLookAhead(pattern), "u");
  return fc.stringMatching(simple, { maxLength: 12 }).filter((text) => new RegExp(pattern, "u").test(text));
}

function withoutLookAhead(pattern: string): string {
  const start = pattern.indexOf("(?!");
  if (start < 0) return pattern;
  let depth = 0;
  for (let end = start; end < pattern.length; end++) {
    if (pattern[end] === "(") depth++;
    if (pattern[end] === ")" && --depth === 0) {
      return withoutLookAhead(pattern.slice(0, start) + pattern.slice(end + 1));
    }
  }
  throw new Error(`no end of the look-ahead in ${pattern}`);
}
