import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerDuplexStream, type ServiceError, status } from "@grpc/grpc-js";
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { bytesService } from "@rxds/envoy-api/services";
import { vi } from "vitest";

/** One stream, as the server sees it. */
export interface ServerSide {
  /** Every request so far. */
  readonly requests: DeltaDiscoveryRequest[];
  /** The oldest request that was not taken yet. Waits for it. */
  request(): Promise<DeltaDiscoveryRequest>;
  send(response: MessageInitShape<typeof DeltaDiscoveryResponseSchema>): void;
  sendBytes(bytes: Buffer): void;
  /** Stops taking requests off the stream, so that flow control holds the client back; or takes them again. */
  read(on: boolean): void;
  /** Ends the stream, in good order or with a status. */
  end(code?: number): void;
  /** True once the client has ended its side. */
  halfClosed: boolean;
  /** True once the stream is over, whoever ended it. */
  over: boolean;
}

/** A gRPC server on loopback whose answers the test writes by hand. */
export interface ScriptedServer {
  readonly address: string;
  /** The oldest stream that was not taken yet. Waits for it. */
  stream(): Promise<ServerSide>;
  /** Stops at once: connections break. */
  stop(): Promise<void>;
}

/** Starts one; a port of 0 takes a free one. */
export async function startScriptedServer(port = 0): Promise<ScriptedServer> {
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  const streams: ServerSide[] = [];
  server.addService(bytesService("envoy.service.discovery.v3.AggregatedDiscoveryService"), {
    DeltaAggregatedResources: (call: ServerDuplexStream<Buffer, Buffer>) => streams.push(serverSide(call)),
    StreamAggregatedResources: (call: ServerDuplexStream<Buffer, Buffer>) => call.end(),
  });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, number) => {
      if (error === null) resolve(number);
      else reject(error);
    });
  });
  return {
    address: `127.0.0.1:${bound}`,
    stream: () => taken(streams, "a stream"),
    async stop() {
      server.forceShutdown();
    },
  };
}

function serverSide(call: ServerDuplexStream<Buffer, Buffer>): ServerSide {
  const waiting: DeltaDiscoveryRequest[] = [];
  const side: ServerSide = {
    requests: [],
    request: () => taken(waiting, "a request"),
    send: (response) => side.sendBytes(encodeResponse(response)),
    sendBytes: (bytes) => void call.write(bytes),
    read: (on) => void (on ? call.resume() : call.pause()),
    end(code = status.OK) {
      if (code === status.OK) call.end();
      else call.emit("error", { code, details: "as scripted" } satisfies Partial<ServiceError>);
    },
    halfClosed: false,
    over: false,
  };
  call.on("data", (bytes: Buffer) => {
    const request = fromBinary(DeltaDiscoveryRequestSchema, bytes);
    side.requests.push(request);
    waiting.push(request);
  });
  call.on("end", () => {
    side.halfClosed = true;
    call.end();
  });
  call.on("error", () => {});
  for (const event of ["close", "cancelled"]) {
    call.on(event, () => {
      side.over = true;
    });
  }
  return side;
}

function encodeResponse(response: MessageInitShape<typeof DeltaDiscoveryResponseSchema>): Buffer {
  return Buffer.from(toBinary(DeltaDiscoveryResponseSchema, create(DeltaDiscoveryResponseSchema, response)));
}

/** Takes the first of a list, as soon as there is one. */
async function taken<T>(list: T[], what: string): Promise<T> {
  return vi.waitFor(
    () => {
      const first = list.shift();
      if (first === undefined) throw new Error(`no ${what} came`);
      return first;
    },
    { timeout: 10_000, interval: 5 },
  );
}
