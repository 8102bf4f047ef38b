import { z } from "zod";
import { type Kind, kinds } from "../model/document.js";

/** A JSON Schema (draft 7), as data: values by keyword. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const DRAFT = "http://json-schema.org/draft-07/schema#";

/**
 * The JSON Schema of a kind of document: draft 7, which editors know best. It is made of what also checks documents, and
 * holds the same description of each field.
 *
 * It accepts what `parseDocument` accepts, and refuses what that refuses, except regular expressions that RE2 does not have:
 * JSON Schema cannot know these.
 */
export function jsonSchema(kind: Kind): JsonSchema {
  return z.toJSONSchema(kinds[kind], { target: "draft-7", io: "input", override: dropFormat });
}

/** How a text begins is told by a pattern; the name of that check is no format of JSON Schema. */
function dropFormat({ jsonSchema }: { readonly jsonSchema: { format?: string } }): void {
  if (jsonSchema.format === "starts_with") delete jsonSchema.format;
}

/** The JSON Schema of a document of any kind: one of those that `jsonSchema` gives, by `kind`. */
export function anyJsonSchema(): JsonSchema {
  const schemas = (Object.keys(kinds) as Kind[]).map((kind) => {
    const { $schema: _, ...schema } = jsonSchema(kind);
    return schema;
  });
  return {
    $schema: DRAFT,
    title: "Mesh document",
    description: "A document of a service mesh.",
    type: "object",
    required: ["apiVersion", "kind", "metadata", "spec"],
    oneOf: schemas,
  };
}

/** The schemas as the package ships them: file name -> schema. `document.json` is the one of any kind. */
export function schemaFiles(): Readonly<Record<string, JsonSchema>> {
  const files = (Object.keys(kinds) as Kind[]).map((kind) => [fileName(kind), jsonSchema(kind)] as const);
  return { "document.json": anyJsonSchema(), ...Object.fromEntries(files) };
}

/** `TrafficPolicy` is in `traffic-policy.json`. */
function fileName(kind: Kind): string {
  return `${kind.replace(/\B[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}.json`;
}
