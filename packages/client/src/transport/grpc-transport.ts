import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  connectivityState,
  status,
} from "@grpc/grpc-js";
import { bytesService } from "@rxds/envoy-api/services";
import { XdsClientError } from "../error.js";
import type { DeltaStream, DeltaTransport } from "./delta-transport.js";

/** Where to connect to, and how. */
export interface GrpcTransportOptions {
  readonly address: string;
  readonly credentials: ChannelCredentials;
  readonly channelOptions: ChannelOptions;
}

/**
 * Delta ADS over grpc-js.
 *
 * A channel is used again for the next stream as long as its streams get anything from the server. After one that got
 * nothing it is replaced: a channel has a backoff of its own, in which it would fail our attempts without making any.
 *
 * @throws XdsClientError `invalid-argument` when grpc-js cannot use the address, the credentials or the options.
 */
export function createGrpcTransport(options: GrpcTransportOptions): DeltaTransport {
  const method = bytesService("envoy.service.discovery.v3.AggregatedDiscoveryService").DeltaAggregatedResources!;
  let client: Client | undefined = connect(options);
  return {
    open(events) {
      const used = client ?? connect(options);
      client = used;
      let useful = false;
      const call = used.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize);
      whenConnected(used, () => events.ready());
      call.on("data", (bytes: Buffer) => {
        useful = true;
        events.message(bytes);
      });
      // Without a listener an error would be thrown. The status, which always follows, says the same and more.
      call.on("error", () => {});
      call.on("status", ({ code, details }) => {
        if (!useful && client === used) {
          used.close();
          client = undefined;
        }
        events.end(code === status.OK ? undefined : streamError(options.address, code, details));
      });
      return deltaStream(call);
    },
    close() {
      client?.close();
      client = undefined;
    },
  };
}

function connect({ address, credentials, channelOptions }: GrpcTransportOptions): Client {
  try {
    return new Client(address, credentials, channelOptions);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new XdsClientError(
      "invalid-argument",
      `grpc-js cannot connect to ${JSON.stringify(address)}: ${reason}`,
      { argument: "address" },
      { cause },
    );
  }
}

/**
 * Calls back once the channel has a connection, and never if it is closed before. The call makes the channel connect:
 * asking it to do so here would wake a closed one.
 */
function whenConnected(client: Client, connected: () => void): void {
  const channel = client.getChannel();
  const look = (): void => {
    const state = channel.getConnectivityState(false);
    if (state === connectivityState.READY) connected();
    else if (state !== connectivityState.SHUTDOWN)
      channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, look);
  };
  setImmediate(look);
}

function deltaStream(call: ClientDuplexStream<Buffer, Buffer>): DeltaStream {
  return {
    write: (bytes, written) => void call.write(bytes, () => written()),
    pause: () => void call.pause(),
    resume: () => void call.resume(),
    end: () => void call.end(),
    cancel: () => call.cancel(),
  };
}

function streamError(address: string, code: number, details: string): XdsClientError {
  return new XdsClientError("stream", `the stream to ${address} ended: ${status[code] ?? code}: ${details}`, {
    grpcStatus: code,
  });
}
