import type { DescMessage, JsonValue } from "@bufbuild/protobuf";
import { hasCustomJsonRepresentation } from "@bufbuild/protobuf/wkt";
import { type CheckContext, shown, wrongType } from "./check-context.js";
import { below, type Place } from "./place.js";
import { isSecretMessage } from "./sensitive.js";
import { suggest } from "./suggest.js";
import { isTreeMap, type Tree, type TreeMap } from "./tree.js";

const PREFIX = "type.googleapis.com/";

/** A map with `@type`, and the message type that it names. */
export interface TypedMap {
  readonly schema: DescMessage;
  /** The map without `@type`. */
  readonly fields: TreeMap;
}

/** Checks a `google.protobuf.Any`: a map with `@type` and the fields of a message of that type. */
export function checkAny(tree: Tree, place: Place, context: CheckContext): JsonValue {
  if (isTreeMap(tree) && Object.keys(tree).length === 0) return {};
  const typed = readTyped(tree, place, context);
  if (typed === undefined) return null;
  const { schema, fields } = typed;
  const content = isSecretMessage(schema.typeName) ? { ...place, secret: true } : place;
  const type = { "@type": PREFIX + schema.typeName };
  if (!hasCustomJsonRepresentation(schema)) {
    const json = context.message(schema, fields, content);
    return typeof json === "object" && json !== null ? { ...type, ...json } : null;
  }
  const { value, ...others } = fields;
  for (const key of Object.keys(others)) {
    const message = `${schema.typeName} has its content in "value" and no other fields`;
    context.problems.report(below(content, key), "key", "unknown-field", message);
  }
  if (value === undefined) return wrongType(context, content, `a map with "@type" and "value"`, tree);
  return { ...type, value: context.message(schema, value, below(content, "value")) };
}

/** Finds the type that `@type` names; reports when there is none. */
export function readTyped(tree: Tree, place: Place, context: CheckContext): TypedMap | undefined {
  const { problems, types } = context;
  const example = `a map with "@type", such as "${PREFIX}envoy.config.cluster.v3.Cluster"`;
  if (!isTreeMap(tree) || !Object.hasOwn(tree, "@type")) {
    const got = isTreeMap(tree) ? ', got a map without "@type"' : "";
    if (got === "") wrongType(context, place, example, tree);
    else problems.report(place, "value", "wrong-type", `expected ${example}${got}`);
    return undefined;
  }
  const { "@type": url = null, ...fields } = tree;
  const at = below(place, "@type");
  if (typeof url !== "string") {
    wrongType(context, at, "a type URL in quotes", url);
    return undefined;
  }
  const schema = url.startsWith(PREFIX) ? types.find(url.slice(PREFIX.length)) : undefined;
  if (schema !== undefined) return { schema, fields };
  const suggestion = at.secret ? undefined : suggestType(url, types.names());
  const message = `unknown type ${shown(url, at)}, expected "${PREFIX}" and the full name of a message`;
  problems.report(at, "value", "unknown-type", message, suggestion);
  return undefined;
}

function suggestType(url: string, names: Iterable<string>): string | undefined {
  const name = url.slice(url.lastIndexOf("/") + 1);
  const all = [...names];
  const simple = name.slice(name.lastIndexOf("."));
  // The same message in another version or package, else whatever is spelt alike.
  const close = suggest(
    name,
    all.filter((candidate) => candidate.endsWith(simple)),
  );
  const found = close ?? suggest(name, all);
  return found === undefined ? undefined : PREFIX + found;
}
