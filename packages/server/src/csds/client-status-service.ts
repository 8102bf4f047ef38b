import { fromBinary } from "@bufbuild/protobuf";
import { type ClientStatusRequest, ClientStatusRequestSchema } from "@rxds/envoy-api/envoy/service/status/v3/csds";
import { asCallError, CallError, type Warn } from "../calls/call-error.js";
import { inSlices } from "../calls/in-slices.js";
import type { XdsStream } from "../stream/stream.js";
import { nodeTest } from "./node-matcher.js";
import { Sink } from "./sink.js";
import { type StatusQuery, writeStatus } from "./status-response.js";

/** The largest request, in bytes. */
const LARGEST_REQUEST = 64 << 10;
/** More matchers in one request are refused. */
const MOST_MATCHERS = 64;

/** `envoy.service.status.v3.ClientStatusDiscoveryService` without a transport (rule 67 of docs/protocol.md). */
export interface ClientStatusService {
  /**
   * Answers one request. Answers are made one after the other, so that many requests take no more of a turn of the event loop
   * than one does.
   * @throws CallError
   */
  answer(request: Buffer, cancelled: () => boolean): Promise<Buffer>;
  close(): void;
}

/** Client status of these streams. Keeps nothing: each answer is derived from where the streams stand. */
export function createClientStatusService(streams: ReadonlySet<XdsStream>, warn: Warn): ClientStatusService {
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  const make = async (request: Buffer, cancelled: () => boolean): Promise<Buffer> => {
    const stopped = () => closed || cancelled();
    if (stopped()) throw gone();
    const sink = new Sink();
    if (!(await inSlices(writeStatus(sink, streams, readRequest(request)), stopped))) throw gone();
    return sink.bytes();
  };

  return {
    answer(request, cancelled) {
      const mine = last.then(() => make(request, cancelled));
      last = mine.catch(() => undefined);
      return mine.catch((error: unknown) => Promise.reject(asCallError(error, warn)));
    },
    close() {
      closed = true;
    },
  };
}

/** Either the server is closing, or nobody waits for an answer any more. */
const gone = (): CallError => new CallError("UNAVAILABLE", "the server is closing");

function readRequest(bytes: Buffer): StatusQuery {
  if (bytes.length > LARGEST_REQUEST) {
    throw new CallError("INVALID_ARGUMENT", `expected at most ${LARGEST_REQUEST} bytes, got ${bytes.length}`);
  }
  const { nodeMatchers, excludeResourceContents } = decode(bytes);
  const matchers = nodeMatchers.reduce((sum, { nodeMetadatas }) => sum + 1 + nodeMetadatas.length, 0);
  if (matchers > MOST_MATCHERS) {
    throw new CallError("INVALID_ARGUMENT", `expected at most ${MOST_MATCHERS} matchers, got ${matchers}`);
  }
  return { test: nodeTest(nodeMatchers), withBodies: !excludeResourceContents };
}

function decode(bytes: Buffer): ClientStatusRequest {
  try {
    return fromBinary(ClientStatusRequestSchema, bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CallError("INVALID_ARGUMENT", `expected a ClientStatusRequest: ${why}`);
  }
}
