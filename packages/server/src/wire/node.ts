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
