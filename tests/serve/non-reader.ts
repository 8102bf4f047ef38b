import { once } from "node:events";
import { type ClientHttp2Stream, connect } from "node:http2";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { DeltaDiscoveryRequestSchema } from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";

/** A delta stream over bare HTTP/2 that reads nothing: beyond its window of 64 KiB the server keeps what it sends. */
export interface NonReader extends AsyncDisposable {
  send(request: MessageInitShape<typeof DeltaDiscoveryRequestSchema>): void;
  sendBytes(message: Uint8Array): void;
  /** The code of the server's RST_STREAM; 0 when the stream ended in peace. Never comes unless the server ends it. */
  readonly reset: Promise<number>;
}

/** Connects to a server without TLS. */
export function nonReader(address: string): NonReader {
  const session = connect(`http://${address}`);
  const stream: ClientHttp2Stream = session.request({
    ":method": "POST",
    ":path": "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
    "content-type": "application/grpc",
    te: "trailers",
  });
  stream.pause();
  // A reset is told by its code.
  stream.on("error", () => {});
  session.on("error", () => {});
  const reset = new Promise<number>((resolve) => stream.once("close", () => resolve(stream.rstCode ?? 0)));
  const sendBytes = (message: Uint8Array): void => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    stream.write(Buffer.concat([head, message]));
  };
  return {
    sendBytes,
    send: (request) => sendBytes(toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, request))),
    reset,
    async [Symbol.asyncDispose]() {
      if (session.destroyed) return;
      const closed = once(session, "close");
      session.destroy();
      await closed;
    },
  };
}
