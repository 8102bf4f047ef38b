import { jsonSchema, type Kind } from "@rxds/mesh";

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

/** Every field of a kind's `spec` that holds a value: `"Route.rules[].matches[].path.exact"`. */
export function fieldsOf(kind: Kind): string[] {
  const { properties } = jsonSchema(kind) as Schema;
  const spec = properties?.spec;
  if (spec === undefined) throw new Error(`there is no spec in the schema of ${kind}`);
  return [...new Set(leaves(spec, kind))].sort();
}

function leaves(schema: Schema, at: string): string[] {
  const forms = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  const own = [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) => leaves(field, `${at}.${name}`)),
    ...(schema.items === undefined ? [] : leaves(schema.items, `${at}[]`)),
    ...(typeof schema.additionalProperties === "object" ? leaves(schema.additionalProperties, `${at}.*`) : []),
    ...forms.flatMap((form) => leaves(form, at)),
  ];
  return own.length > 0 ? own : [at];
}
