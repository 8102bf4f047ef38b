import { fromJson, type Message, type Registry } from "@bufbuild/protobuf";
import { type CheckContext, MAX_DEPTH } from "./check-context.js";
import { checkMessage } from "./check-message.js";
import { type FoundResource, findResources } from "./find-resources.js";
import { createMessageTypes } from "./message-types.js";
import { documentPlace } from "./place.js";
import { createProblems, type Problems } from "./problems.js";
import { checkLength } from "./read-yaml.js";
import { parseYaml } from "./yaml-documents.js";

/** How to load. */
export interface LoadOptions {
  /** The name of the file, for errors. Nothing is read from it. Default: none. */
  readonly file?: string;
  /**
   * A bootstrap has more than resources (`admin`, `node`, `dynamic_resources`, …). Such fields are errors, so that nothing
   * is dropped unnoticed; `true` passes over all of them, a list over those that it names. What is passed over is not
   * checked. Default: false.
   */
  readonly ignoreBootstrap?: boolean | readonly string[];
  /** Message types that may stand in `@type` beside Envoy's. Default: none. */
  readonly registry?: Registry;
  /** The longest text, in characters. Default: 16 777 216. */
  readonly maxLength?: number;
}

/** Values that a text may have, those that come by aliases counted each time. */
const MAX_VALUES = 1_000_000;

/**
 * Reads xDS resources from YAML or JSON, for `createSnapshot`.
 *
 * A text has one or more documents, each of which is
 * - a resource: `"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster` and the fields of the message;
 * - a list of such resources;
 * - `resources: [...]`, the file format of Envoy's `path_config_source`; `version_info` is not used, because versions are
 *   made from content;
 * - a bootstrap, of which `static_resources` (clusters, listeners, secrets) is read.
 *
 * Values follow proto3's JSON mapping, strictly; fields may be written `in_snake_case` or `inLowerCamelCase`. YAML is
 * version 1.2, with anchors and merge keys. Every mistake is reported at once, with its place; nothing is dropped.
 *
 * ```ts
 * const snapshot = createSnapshot(load(readFileSync("envoy.yaml", "utf8"), { file: "envoy.yaml" }));
 * ```
 *
 * Maps inside `google.protobuf.Any` are packed in a fixed order, so that equal content gives equal bytes.
 *
 * @throws LoadError with everything that is wrong. It shows nothing of secrets.
 */
export function load(text: string, options: LoadOptions = {}): Message[] {
  const { file, ignoreBootstrap = false, registry, maxLength = 2 ** 24 } = options;
  const problems = createProblems(file);
  checkLength(text, maxLength, problems);
  const documents = parseYaml(text, problems);
  problems.throwIfAny();
  const context = createContext(problems, registry);
  const found = documents.flatMap((tree, index) =>
    tree === undefined ? [] : findResources(tree, documentPlace(index), ignoreBootstrap, context),
  );
  const checked = found.map(({ schema, fields, place }) => context.message(schema, fields, place));
  problems.throwIfAny();
  const types = context.types.found();
  return found.map((resource, i) => decode(resource, checked[i] ?? null, types, problems));
}

function decode(
  { schema, place }: FoundResource,
  json: Parameters<typeof fromJson>[1],
  registry: Registry,
  problems: Problems,
) {
  try {
    return fromJson(schema, json, { registry, recursionLimit: MAX_DEPTH * 2 });
  } catch (error) {
    // The decoder's own message may quote a secret.
    problems.report(place, "value", "wrong-type", `this is no ${schema.typeName}`);
    problems.throwIfAny();
    throw error;
  }
}

function createContext(problems: Problems, registry: Registry | undefined): CheckContext {
  let values = 0;
  const context: CheckContext = {
    problems,
    types: createMessageTypes(registry),
    message: (schema, tree, place) => checkMessage(schema, tree, place, context),
    enter(place, more) {
      values += more;
      if (values > MAX_VALUES) {
        problems.report(place, "value", "too-large", `more than ${MAX_VALUES} values`);
        problems.throwIfAny();
      }
      if (place.depth <= MAX_DEPTH) return true;
      problems.report(place, "value", "too-large", `nested more than ${MAX_DEPTH} levels deep`);
      return false;
    },
  };
  return context;
}
