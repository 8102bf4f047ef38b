import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Client, credentials } from "@grpc/grpc-js";
import {
  LoadStatsRequestSchema,
  type LoadStatsResponse,
  LoadStatsResponseSchema,
} from "@rxds/envoy-api/envoy/service/load_stats/v3/lrs";
import { bytesService } from "@rxds/envoy-api/services";

/** A stream of load reports that says what it is told. */
export interface LoadStream extends AsyncDisposable {
  send(request: MessageInitShape<typeof LoadStatsRequestSchema>): void;
  sendBytes(bytes: Buffer): void;
  halfClose(): void;
  readonly received: readonly LoadStatsResponse[];
  /** The status that it ended with. */
  readonly closed: Promise<{ code: number; details: string }>;
}

export function openLoadStream(address: string): LoadStream {
  const client = new Client(address, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  const method = bytesService("envoy.service.load_stats.v3.LoadReportingService").StreamLoadStats;
  if (method === undefined) throw new Error("no method StreamLoadStats");
  const call = client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize);
  const received: LoadStatsResponse[] = [];
  call.on("data", (bytes: Buffer) => received.push(fromBinary(LoadStatsResponseSchema, bytes)));
  call.on("error", () => {});
  const closed = new Promise<{ code: number; details: string }>((resolve) => {
    call.on("status", ({ code, details }) => {
      resolve({ code, details });
      client.close();
    });
  });
  return {
    send(request) {
      call.write(Buffer.from(toBinary(LoadStatsRequestSchema, create(LoadStatsRequestSchema, request))));
    },
    sendBytes: (bytes) => void call.write(bytes),
    halfClose: () => void call.end(),
    received,
    closed,
    async [Symbol.asyncDispose]() {
      call.cancel();
      await closed;
    },
  };
}
