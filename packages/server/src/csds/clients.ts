import type { Node } from "@rxds/envoy-api/envoy/config/core/v3/base";
import type { XdsStream } from "../stream/stream.js";
import type { NodeTest } from "./node-matcher.js";

/** A connected client: one aggregated stream, or the per-type streams that it has on one connection. */
export interface Client {
  readonly node: Node;
  /** The key of what it is shown. */
  readonly key: string;
  readonly streams: readonly XdsStream[];
}

/** The clients that were admitted and that a request asks for, in the order in which they came. */
export function* clientsOf(streams: Iterable<XdsStream>, test: NodeTest): Generator<Client | undefined> {
  const together = new Map<string, { node: Node; key: string; streams: XdsStream[] }>();
  for (const stream of streams) {
    const { node, view } = stream;
    if (stream.closed || node === undefined || view === undefined || !test(node)) {
      yield undefined;
      continue;
    }
    const { key } = view;
    const who = JSON.stringify(
      stream.typeUrl === undefined ? stream.id : [stream.channel.peer.address, key, node.id, node.cluster],
    );
    const known = together.get(who);
    if (known === undefined) together.set(who, { node, key, streams: [stream] });
    else known.streams.push(stream);
    yield undefined;
  }
  yield* together.values();
}
