import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { type ChannelCredentials, type ChannelOptions, Client, credentials, Metadata } from "@grpc/grpc-js";
import { bytesService } from "@rxds/envoy-api/services";
import { messageOf, TestkitError } from "../error.js";
import { createInbox, type NextOptions } from "./inbox.js";
import type { Variant } from "./variant.js";

/** Where to connect, and which method to call. */
export interface RawStreamOptions {
  /** `"127.0.0.1:18000"` or `"unix:/path"`. */
  readonly address: string;
  /** Full name of the gRPC service. Default `envoy.service.discovery.v3.AggregatedDiscoveryService`. */
  readonly service?: string;
  /** The method. Default `DeltaAggregatedResources` or `StreamAggregatedResources`, by the mode. */
  readonly method?: string;
  /** Default: plain text. */
  readonly credentials?: ChannelCredentials;
  /** Request headers. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** More channel options. Message sizes are unlimited, and every stream has a connection of its own. */
  readonly channelOptions?: ChannelOptions;
}

/** How a stream ended: the gRPC status. */
export interface StreamStatus {
  /** The status code. */
  readonly code: number;
  /** Its message. */
  readonly details: string;
}

/** One xDS stream that sends what it is told and nothing else: no node, no ACK, no retry of its own. */
export interface RawStream<Req extends DescMessage, Res extends DescMessage> extends AsyncDisposable {
  /** Sends a request. */
  send(request: MessageInitShape<Req>): void;
  /** Sends bytes as a message, well-formed or not. */
  sendBytes(bytes: Uint8Array): void;
  /**
   * The next response that was not taken yet.
   *
   * @throws TestkitError `deadline` or `stream-closed`, with all that was received so far.
   */
  next(options?: NextOptions): Promise<MessageShape<Res>>;
  /** The next response of one type; those of other types stay for later. Throws like `next`. */
  nextOfType(typeUrl: string, options?: NextOptions): Promise<MessageShape<Res>>;
  /** Every response so far, taken or not. */
  readonly received: readonly MessageShape<Res>[];
  /**
   * Proves that the server has nothing to say: sends `probe`, a request whose answer is known, and takes that answer.
   * A server handles a stream's requests in order, so whatever it had sent for earlier ones would be there by then.
   * `isAnswer` knows the answer; default: a response of the probe's type. Anything that is pushed by a later event of
   * the server's own is beyond what this can see.
   *
   * @throws TestkitError `unexpected-response` when anything else came first or was left untaken; else like `next`.
   */
  expectSilence(
    probe: MessageInitShape<Req>,
    isAnswer?: (response: MessageShape<Res>) => boolean,
    options?: NextOptions,
  ): Promise<MessageShape<Res>>;
  /**
   * Accepts a response. State of the world: with the names of the last request of that type. `extra` adds to the
   * request or replaces parts of it.
   */
  ack(response: MessageShape<Res>, extra?: MessageInitShape<Req>): void;
  /** Rejects a response with a message. State of the world: with the version accepted before. */
  nack(response: MessageShape<Res>, message: string, extra?: MessageInitShape<Req>): void;
  /** Stops reading. Up to 16 responses are still read ahead; then HTTP/2 flow control holds the server back. */
  pause(): void;
  /** Reads on. */
  resume(): void;
  /** Ends the client's side; the server may still send. */
  halfClose(): void;
  /** Ends the stream with status CANCELLED. */
  cancel(): void;
  /** Resolves when the stream has ended, whoever ended it. Never rejects. */
  readonly closed: Promise<StreamStatus>;
}

const ADS = "envoy.service.discovery.v3.AggregatedDiscoveryService";
const same = (bytes: Buffer): Buffer => bytes;

/** Opens a stream. It connects at once; a server that is not there ends it with status 14. */
export function openStream<Req extends DescMessage, Res extends DescMessage>(
  variant: Variant<Req, Res>,
  defaultMethod: string,
  options: RawStreamOptions,
): RawStream<Req, Res> {
  type Response = MessageShape<Res>;
  const path = methodPath(options.service ?? ADS, options.method ?? defaultMethod);
  const client = new Client(options.address, options.credentials ?? credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    // A stalled reader must not hold back other streams of the same process.
    "grpc.use_local_subchannel_pool": 1,
    ...options.channelOptions,
  });
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(options.metadata ?? {})) metadata.set(key, value);
  const call = client.makeBidiStreamRequest<Buffer, Buffer>(path, same, same, metadata);
  const inbox = createInbox<Response>(variant.summary);

  let why = "the stream ended";
  call.on("data", (bytes: Buffer) => {
    try {
      inbox.put(fromBinary(variant.response, bytes));
    } catch (error) {
      why = `the server sent what is no ${variant.response.typeName}: ${messageOf(error)}`;
      call.cancel();
    }
  });
  // The status tells the same.
  call.on("error", () => {});
  const closed = new Promise<StreamStatus>((resolve) => {
    call.on("status", ({ code, details }) => {
      if (why === "the stream ended") why += ` with status ${code} ${details}`;
      resolve({ code, details });
      client.close();
    });
  });
  // After the last response, which may be read later than the status arrives.
  call.on("end", () => inbox.close(why));

  const send = (init: MessageInitShape<Req>): void => {
    const request = create(variant.request, init);
    variant.sent(request);
    call.write(Buffer.from(toBinary(variant.request, request)));
  };
  const answer = (response: Response, extra: MessageInitShape<Req> | undefined, error?: string): void =>
    send({ ...variant.answer(response, error), ...extra });
  return {
    send,
    sendBytes: (bytes) => void call.write(Buffer.from(bytes)),
    next: (next) => inbox.take(() => true, next),
    nextOfType: (typeUrl, next) =>
      inbox.take((response) => variant.typeUrl(response) === typeUrl, {
        describe: `a response of type ${typeUrl}`,
        ...next,
      }),
    received: inbox.received,
    async expectSilence(probe, isAnswer, next) {
      const typeUrl = variant.requestType(create(variant.request, probe));
      const matches = isAnswer ?? ((response: Response) => variant.typeUrl(response) === typeUrl);
      send(probe);
      const response = await inbox.take(() => true, { describe: "the answer to the probe", ...next });
      if (matches(response)) return response;
      const message = `silence was expected, but before the answer to the probe came ${variant.summary(response)}`;
      throw new TestkitError("unexpected-response", message);
    },
    ack: (response, extra) => answer(response, extra),
    nack: (response, message, extra) => answer(response, extra, message),
    pause: () => void call.pause(),
    resume: () => void call.resume(),
    halfClose: () => void call.end(),
    cancel: () => call.cancel(),
    closed,
    async [Symbol.asyncDispose]() {
      call.cancel();
      call.resume();
      await closed;
    },
  };
}

function methodPath(service: string, method: string): string {
  const methods = bytesService(service);
  const found = methods[method];
  if (found?.requestStream && found.responseStream) return found.path;
  const streams = Object.keys(methods).filter((name) => methods[name]?.requestStream);
  const message = `${service} has no streaming method ${JSON.stringify(method)}; it has ${streams.join(", ")}`;
  throw new TestkitError("invalid-argument", message, { service, method });
}
