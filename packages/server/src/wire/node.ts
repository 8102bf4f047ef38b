import { fromBinary } from "@bufbuild/protobuf";
import { type Node, NodeSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import { type Reader, readVarint, skipField, WireError } from "./reader.js";

/** Of an Envoy's node of 50 to 60 KB, nearly all is the list of its extensions: field 9. */
const EXTENSIONS = 9;

/** Decodes a node without its list of extensions. @throws WireError when the bytes are no Node. */
export function parseNode(bytes: Buffer): Node {
  const kept: Buffer[] = [];
  const reader: Reader = { bytes, at: 0, end: bytes.length };
  while (reader.at < reader.end) {
    const start = reader.at;
    const tag = readVarint(reader);
    skipField(reader, tag & 7);
    if (tag >>> 3 !== EXTENSIONS) kept.push(bytes.subarray(start, reader.at));
  }
  try {
    return fromBinary(NodeSchema, Buffer.concat(kept));
  } catch (error) {
    throw new WireError(`the node is no envoy.config.core.v3.Node: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * What a client calls it that it understands a time to live: the protocol description, Envoy's list of client features and
 * gRPC have different names for it.
 */
const TTL_FEATURES: ReadonlySet<string> = new Set([
  "xds.config.supports-resource-ttl",
  "xds.config.supports-resource-in-sotw",
  "xds.config.resource-in-sotw",
  "envoy.config.resource-in-sotw",
]);

/** Whether a client says that it understands a time to live, and resources that are wrapped for it. */
export function takesTtl({ clientFeatures }: Node): boolean {
  return clientFeatures.some((feature) => TTL_FEATURES.has(feature));
}
