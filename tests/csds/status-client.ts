import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type ChannelCredentials, Client, credentials, type ServiceError } from "@grpc/grpc-js";
import {
  type ClientConfig,
  ClientStatusRequestSchema,
  type ClientStatusResponse,
  ClientStatusResponseSchema,
  ConfigStatus,
} from "@rxds/envoy-api/envoy/service/status/v3/csds";
import { bytesService } from "@rxds/envoy-api/services";

export type Request = MessageInitShape<typeof ClientStatusRequestSchema>;

const SERVICE = "envoy.service.status.v3.ClientStatusDiscoveryService";
const options = { "grpc.max_receive_message_length": -1, "grpc.use_local_subchannel_pool": 1 };

function method(name: "FetchClientStatus" | "StreamClientStatus") {
  const found = bytesService(SERVICE)[name];
  if (found === undefined) throw new Error(`no method ${name}`);
  return found;
}

const encode = (request: Request): Buffer =>
  Buffer.from(toBinary(ClientStatusRequestSchema, create(ClientStatusRequestSchema, request)));

/** Sends bytes as a request of `FetchClientStatus`. Rejects with the gRPC status. */
export async function fetchBytes(
  address: string,
  bytes: Buffer,
  secured: ChannelCredentials = credentials.createInsecure(),
): Promise<ClientStatusResponse> {
  const client = new Client(address, secured, options);
  const { path, requestSerialize, responseDeserialize } = method("FetchClientStatus");
  try {
    return await new Promise<ClientStatusResponse>((resolve, reject) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, bytes, (error, response) => {
        if (error !== null) reject(error);
        else resolve(fromBinary(ClientStatusResponseSchema, response ?? Buffer.alloc(0)));
      });
    });
  } finally {
    client.close();
  }
}

/** Asks once. Rejects with the gRPC status. */
export function fetchStatus(
  address: string,
  request: Request = {},
  secured?: ChannelCredentials,
): Promise<ClientStatusResponse> {
  return fetchBytes(address, encode(request), secured);
}

/** The status that a call ends with. */
export function failure(call: Promise<unknown>): Promise<Pick<ServiceError, "code" | "details">> {
  return call.then(
    () => Promise.reject(new Error("the call went well")),
    (error: ServiceError) => ({ code: error.code, details: error.details }),
  );
}

/** A stream of `StreamClientStatus`. */
export interface StatusStream extends AsyncDisposable {
  send(request: Request): void;
  sendBytes(bytes: Buffer): void;
  halfClose(): void;
  readonly received: readonly ClientStatusResponse[];
  /** The status that it ended with. */
  readonly closed: Promise<{ code: number; details: string }>;
}

export function streamStatus(address: string): StatusStream {
  const client = new Client(address, credentials.createInsecure(), options);
  const { path, requestSerialize, responseDeserialize } = method("StreamClientStatus");
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  const received: ClientStatusResponse[] = [];
  call.on("data", (bytes: Buffer) => received.push(fromBinary(ClientStatusResponseSchema, bytes)));
  call.on("error", () => {});
  const closed = new Promise<{ code: number; details: string }>((resolve) => {
    call.on("status", ({ code, details }) => {
      resolve({ code, details });
      client.close();
    });
  });
  return {
    send: (request) => void call.write(encode(request)),
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

/** Name and status of each resource of a client: `{ "a": "SYNCED" }`; of one type, if one is given. */
export function statuses(config: ClientConfig | undefined, typeUrl?: string): Record<string, string> {
  const found = (config?.genericXdsConfigs ?? []).filter((one) => typeUrl === undefined || one.typeUrl === typeUrl);
  return Object.fromEntries(found.map(({ name, configStatus }) => [name, ConfigStatus[configStatus]]));
}
