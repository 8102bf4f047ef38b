import type { DescMessage } from "@bufbuild/protobuf";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import { SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import { isResourceType } from "../resource/type-registry.js";
import { readTyped } from "./check-any.js";
import { type CheckContext, wrongType } from "./check-context.js";
import { below, type Place, shorten } from "./place.js";
import { isSecretMessage } from "./sensitive.js";
import { suggest } from "./suggest.js";
import { isTreeList, isTreeMap, type Tree, type TreeMap } from "./tree.js";

/** A resource in a document, not checked yet. */
export interface FoundResource {
  readonly schema: DescMessage;
  readonly fields: Tree;
  readonly place: Place;
}

/** Which fields of a bootstrap, beside its static resources, may stand there and are not looked at. */
export type IgnoredFields = boolean | readonly string[];

const BOOTSTRAP = "envoy.config.bootstrap.v3.Bootstrap";
const DISCOVERY_RESPONSE = "envoy.service.discovery.v3.DiscoveryResponse";
const staticTypes = new Map<string, DescMessage>([
  ["clusters", ClusterSchema],
  ["listeners", ListenerSchema],
  ["secrets", SecretSchema],
]);

/** Finds the resources of a document, whichever of the known shapes it has; reports what is none. */
export function findResources(
  tree: Tree,
  place: Place,
  ignored: IgnoredFields,
  context: CheckContext,
): FoundResource[] {
  if (isTreeList(tree)) return tree.flatMap((item, i) => typedResource(item, below(place, i), context));
  if (isTreeMap(tree)) {
    const { "@type": type, ...fields } = tree;
    if (type === `type.googleapis.com/${BOOTSTRAP}`) return ofBootstrap(fields, place, ignored, context);
    if (type === `type.googleapis.com/${DISCOVERY_RESPONSE}`) return ofResponse(fields, place, context);
    if (type !== undefined) return typedResource(tree, place, context);
    if (hasKey(tree, ["static_resources", "dynamic_resources"])) return ofBootstrap(tree, place, ignored, context);
    if (hasKey(tree, ["resources"])) return ofResponse(tree, place, context);
  }
  const message =
    'expected a resource with "@type", a list of such, "resources" or a bootstrap with "static_resources"';
  context.problems.report(place, "value", "unexpected-shape", message);
  return [];
}

/** A resource with `@type`. */
function typedResource(tree: Tree, place: Place, context: CheckContext): FoundResource[] {
  const typed = readTyped(tree, place, context);
  if (typed === undefined) return [];
  const { schema, fields } = typed;
  if (!isResourceType(`type.googleapis.com/${schema.typeName}`)) {
    const message = `${schema.typeName} is no registered resource type; registerResourceType makes it one`;
    context.problems.report(below(place, "@type"), "value", "not-a-resource", message);
    return [];
  }
  return [{ schema, fields, place: isSecretMessage(schema.typeName) ? { ...place, secret: true } : place }];
}

/** A file as Envoy's `path_config_source` reads it. Its version is not used: versions are made from content. */
function ofResponse(tree: TreeMap, place: Place, context: CheckContext): FoundResource[] {
  let found: FoundResource[] = [];
  let typeUrl: string | undefined;
  for (const [key, value] of Object.entries(tree)) {
    const at = below(place, key);
    const name = snakeCase(key);
    if (name === "resources") {
      found = listOf(value, at, context).flatMap((item, i) => typedResource(item, below(at, i), context));
    } else if (name !== "version_info" && name !== "type_url") {
      reportUnknown(key, place, ["resources", "version_info", "type_url"], context);
    } else if (typeof value !== "string") {
      wrongType(context, at, "a text in quotes", value);
    } else if (name === "type_url") {
      typeUrl = value;
    }
  }
  for (const { schema, place } of found) {
    if (typeUrl === undefined || typeUrl === `type.googleapis.com/${schema.typeName}`) continue;
    const message = `expected a resource of the file's type_url, ${shorten(typeUrl)}`;
    context.problems.report(below(place, "@type"), "value", "wrong-type", message);
  }
  return found;
}

function ofBootstrap(tree: TreeMap, place: Place, ignored: IgnoredFields, context: CheckContext): FoundResource[] {
  const found: FoundResource[] = [];
  for (const [key, value] of Object.entries(tree)) {
    const name = snakeCase(key);
    if (name === "static_resources") found.push(...ofStatic(value, below(place, key), context));
    else checkOther(key, name, place, ignored, context);
  }
  return found;
}

function ofStatic(tree: Tree, place: Place, context: CheckContext): FoundResource[] {
  if (tree === null) return [];
  if (!isTreeMap(tree)) {
    wrongType(context, place, "a map with clusters, listeners and secrets", tree);
    return [];
  }
  return Object.entries(tree).flatMap(([key, value]) => {
    const schema = staticTypes.get(key);
    if (schema === undefined) {
      reportUnknown(key, place, staticTypes.keys(), context);
      return [];
    }
    const at = below(place, key, isSecretMessage(schema.typeName));
    return listOf(value, at, context).map((fields, i) => ({ schema, fields, place: below(at, i) }));
  });
}

/** A field of a bootstrap that holds no resources. */
function checkOther(key: string, name: string, place: Place, ignored: IgnoredFields, context: CheckContext): void {
  const names = context.types.find(BOOTSTRAP)?.fields.map((field) => field.name) ?? [];
  if (!names.includes(name)) {
    reportUnknown(key, place, names, context);
  } else if (ignored !== true && !(ignored || []).some((other) => snakeCase(other) === name)) {
    const message = `${JSON.stringify(key)} of a bootstrap is no resource; the option ignoreBootstrap passes over it`;
    context.problems.report(below(place, key), "key", "unexpected-shape", message);
  }
}

function listOf(tree: Tree, place: Place, context: CheckContext): readonly Tree[] {
  if (tree === null) return [];
  if (isTreeList(tree)) return tree;
  wrongType(context, place, "a list", tree);
  return [];
}

function reportUnknown(key: string, place: Place, names: Iterable<string>, context: CheckContext): void {
  const suggestion = suggest(key, names);
  context.problems.report(below(place, key), "key", "unknown-field", `unknown field ${shorten(key)}`, suggestion);
}

function hasKey(tree: TreeMap, names: readonly string[]): boolean {
  return Object.keys(tree).some((key) => names.includes(snakeCase(key)));
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
