import { create, toBinary } from "@bufbuild/protobuf";
import { type Node, NodeSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import { CallError } from "../calls/call-error.js";
import type { XdsStream } from "../stream/stream.js";
import { fieldSize, writeBytes, writeHeader } from "../wire/writer.js";
import { type Client, clientsOf } from "./clients.js";
import { genericConfig } from "./generic-config.js";
import type { NodeTest } from "./node-matcher.js";
import { resourceStatuses } from "./resource-status.js";

/** The largest response, in bytes: what is larger must be asked for in parts. */
const LARGEST_RESPONSE = 16 << 20;
/** Metadata of a node that is larger, encoded, is left out. */
const LARGEST_METADATA = 64 << 10;

/** A `ClientStatusResponse` in the making. Built piece by piece, so that the work may pause between any two. */
export class StatusResponse {
  readonly #pieces: Buffer[] = [];
  #size = 0;

  constructor(
    readonly streams: ReadonlySet<XdsStream>,
    readonly test: NodeTest,
    /** Whether bodies of resources are in it. */
    readonly withBodies: boolean,
  ) {}

  /**
   * Builds it. Each step is short.
   * @throws CallError RESOURCE_EXHAUSTED when it gets too large.
   */
  *build(): Generator<undefined> {
    // As they are at the beginning; who leaves meanwhile is shown as far as the work had come.
    for (const client of clientsOf([...this.streams], this.test)) {
      if (client !== undefined) yield* this.#add(client);
      yield undefined;
    }
  }

  /** The encoded response. */
  bytes(): Buffer {
    return Buffer.concat(this.#pieces, this.#size);
  }

  /** ClientConfig: node = 1, generic_xds_configs = 3, client_scope = 4; in the response it is field 1. */
  *#add({ node, key, streams }: Client): Generator<undefined> {
    const header = this.#pieces.push(Buffer.alloc(0)) - 1;
    const before = this.#size;
    this.#put(field(1, shownNode(node)));
    for (const stream of streams) {
      for (const subscription of [...stream.subscriptions.values()]) {
        const typeUrl = subscription.type.typeUrl;
        for (const status of resourceStatuses(subscription)) {
          this.#put(field(3, genericConfig(typeUrl, status, this.withBodies)));
          yield undefined;
        }
      }
    }
    if (key !== "") this.#put(field(4, Buffer.from(key)));
    const length = this.#size - before;
    const head = Buffer.allocUnsafeSlow(fieldSize(length) - length);
    writeHeader(head, 0, 1, length);
    this.#pieces[header] = head;
    this.#size += head.length;
  }

  #put(piece: Buffer): void {
    this.#size += piece.length;
    if (this.#size > LARGEST_RESPONSE) {
      const hint = "ask for fewer clients with node_matchers, or set exclude_resource_contents";
      throw new CallError("RESOURCE_EXHAUSTED", `the response would be larger than ${LARGEST_RESPONSE} bytes: ${hint}`);
    }
    this.#pieces.push(piece);
  }
}

function field(number: number, content: Uint8Array): Buffer {
  const whole = Buffer.allocUnsafe(fieldSize(content.length));
  writeBytes(whole, 0, number, content);
  return whole;
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
