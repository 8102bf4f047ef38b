import { create, toBinary } from "@bufbuild/protobuf";
import { type Node, NodeSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import { CallError } from "../calls/call-error.js";
import type { XdsStream } from "../stream/stream.js";
import { fieldSize, writeBytes, writeHeader } from "../wire/writer.js";
import { type Client, clientsOf } from "./clients.js";
import { writeGenericConfig } from "./generic-config.js";
import type { NodeTest } from "./node-matcher.js";
import { resourceStatuses } from "./resource-status.js";
import type { Sink } from "./sink.js";

/** The largest response, in bytes: what is larger must be asked for in parts. */
const LARGEST_RESPONSE = 16 << 20;
/** Metadata of a node that is larger, encoded, is left out. */
const LARGEST_METADATA = 64 << 10;

/** What a response tells, of whom. */
export interface StatusQuery {
  readonly test: NodeTest;
  /** Whether bodies of resources are in it. */
  readonly withBodies: boolean;
}

/**
 * Writes a `ClientStatusResponse`. The work may pause between any two steps, each of which is short: clients are those of the
 * beginning, and who leaves meanwhile is shown as far as the work had come.
 * @throws CallError RESOURCE_EXHAUSTED when it gets too large.
 */
export function* writeStatus(sink: Sink, streams: Iterable<XdsStream>, query: StatusQuery): Generator<undefined> {
  for (const client of clientsOf([...streams], query.test)) {
    if (client !== undefined) yield* writeClient(sink, client, query.withBodies);
    yield undefined;
  }
}

/** ClientConfig: node = 1, generic_xds_configs = 3, client_scope = 4; in the response it is field 1. */
function* writeClient(sink: Sink, { node, key, streams }: Client, withBodies: boolean): Generator<undefined> {
  const putHeader = sink.mark();
  const before = sink.size;
  writeField(sink, 1, shownNode(node));
  if (key !== "") writeField(sink, 4, Buffer.from(key));
  for (const stream of streams) {
    for (const subscription of [...stream.subscriptions.values()]) {
      const { typeUrl } = subscription.type;
      for (const status of resourceStatuses(subscription)) {
        writeGenericConfig(sink, 3, typeUrl, status, withBodies);
        checkSize(sink);
        yield undefined;
      }
    }
  }
  checkSize(sink);
  const length = sink.size - before;
  const header = Buffer.allocUnsafeSlow(fieldSize(length) - length);
  writeHeader(header, 0, 1, length);
  putHeader(header);
}

function writeField(sink: Sink, field: number, content: Uint8Array): void {
  const { into, at } = sink.room(fieldSize(content.length));
  writeBytes(into, at, field, content);
}

function checkSize(sink: Sink): void {
  if (sink.size <= LARGEST_RESPONSE) return;
  const hint = "ask for fewer clients with node_matchers, or set exclude_resource_contents";
  throw new CallError("RESOURCE_EXHAUSTED", `the response would be larger than ${LARGEST_RESPONSE} bytes: ${hint}`);
}

/** Who the client is: of what it says of itself, not the lists of what it can do. */
function shownNode({ id, cluster, locality, metadata, userAgentName, userAgentVersionType }: Node): Uint8Array {
  const node = create(NodeSchema, { id, cluster, userAgentName, userAgentVersionType });
  if (locality !== undefined) node.locality = locality;
  const bare = toBinary(NodeSchema, node);
  if (metadata === undefined) return bare;
  const whole = toBinary(NodeSchema, { ...node, metadata });
  return whole.length - bare.length > LARGEST_METADATA ? bare : whole;
}
