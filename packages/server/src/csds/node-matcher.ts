import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { Node } from "@rxds/envoy-api/envoy/config/core/v3/base";
import type { NodeMatcher } from "@rxds/envoy-api/envoy/type/matcher/v3/node";
import type { StructMatcher } from "@rxds/envoy-api/envoy/type/matcher/v3/struct";
import { CallError } from "../calls/call-error.js";
import { stringTest } from "./string-matcher.js";
import { valueTest } from "./value-matcher.js";

/** Whether a node is one of those asked for. */
export type NodeTest = (node: Node) => boolean;

/**
 * The nodes that any of the matchers fits; none: all nodes. A matcher fits when its node id and all of its metadata matchers
 * do.
 * @throws CallError INVALID_ARGUMENT when one is incomplete, or of a kind that is not supported.
 */
export function nodeTest(matchers: readonly NodeMatcher[]): NodeTest {
  if (matchers.length === 0) return () => true;
  const tests = matchers.map((matcher, i) => oneTest(matcher, `node_matchers[${i}]`));
  return (node) => tests.some((test) => test(node));
}

function oneTest({ nodeId, nodeMetadatas }: NodeMatcher, path: string): NodeTest {
  const id = nodeId === undefined ? () => true : stringTest(nodeId, `${path}.node_id`);
  const metadata = nodeMetadatas.map((matcher, i) => structTest(matcher, `${path}.node_metadatas[${i}]`));
  return (node) => id(node.id) && metadata.every((test) => test(node.metadata));
}

/** The value at the end of a path of keys, tested. */
function structTest({ path, value }: StructMatcher, at: string): (struct: JsonObject | undefined) => boolean {
  if (path.length === 0) throw new CallError("INVALID_ARGUMENT", `${at}.path: expected at least one key`);
  const keys = path.map(({ segment }, i) => {
    if (segment.case === "key") return segment.value;
    throw new CallError("INVALID_ARGUMENT", `${at}.path[${i}]: expected a key`);
  });
  const test = valueTest(value, `${at}.value`);
  return (struct) => test(valueAt(struct, keys));
}

function valueAt(struct: JsonObject | undefined, keys: readonly string[]): JsonValue | undefined {
  return keys.reduce<JsonValue | undefined>(
    (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    struct,
  );
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
