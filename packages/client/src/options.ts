import type { MessageInitShape } from "@bufbuild/protobuf";
import { create, toBinary } from "@bufbuild/protobuf";
import { type ChannelCredentials, type ChannelOptions, credentials as grpcCredentials } from "@grpc/grpc-js";
import { type Node, NodeSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import type { ReconnectOptions } from "./backoff.js";
import { XdsClientError } from "./error.js";
import type { XdsClientEvent } from "./events.js";
import type { XdsResource } from "./resource.js";
import { isLoopback } from "./transport/loopback.js";

/** Who the client is: an `envoy.config.core.v3.Node`. Its `id` must not be empty. */
export type XdsNode = MessageInitShape<typeof NodeSchema> & { readonly id: string };

/** How to follow a server. */
export interface XdsClientOptions {
  /** The gRPC target of the server, for example `127.0.0.1:18000`, `dns:///control-plane:18000` or `unix:/run/xds.sock`. */
  readonly address: string;
  /** Who the client says it is. `user_agent_name` is `rxds` unless given; the client feature for TTLs is added. */
  readonly node: XdsNode;
  /**
   * The channel's credentials, of `@grpc/grpc-js`. Default: none on loopback addresses and Unix sockets; for any other
   * address leaving them out is an error, unless `insecure` is true.
   */
  readonly credentials?: ChannelCredentials;
  /** Permits an unencrypted, unauthenticated connection to any address. Default false. */
  readonly insecure?: boolean;
  /**
   * Options of the grpc-js channel. They replace the client's own: keepalive pings every 30 s that must be answered in
   * 10 s, none while no stream is open; no retry buffer; no subchannels shared with other clients; no HTTP proxy for
   * loopback addresses.
   */
  readonly channelOptions?: ChannelOptions;
  /** How long to wait between connections. */
  readonly reconnect?: ReconnectOptions;
  /** The longest time until a connection must be up, in milliseconds. Default 20,000. */
  readonly connectTimeoutMs?: number;
  /** The largest response, in bytes; a larger one ends the stream. Default 268,435,456 (256 MiB). */
  readonly maxMessageBytes?: number;
  /** The most resources that a server can make the client hold of one type. More are refused. Default 1,000,000. */
  readonly maxResourcesPerType?: number;
  /** The most bytes of resources that a server can make the client hold of one type. Default 1,073,741,824 (1 GiB). */
  readonly maxBytesPerType?: number;
  /** Send the node only in the first request of a stream (true, the default), or in every request. */
  readonly nodeOnFirstMessageOnly?: boolean;
  /**
   * Looks at each new resource that matches a subscription. When it returns a reason or throws, the whole response is
   * refused (NACK) and what was held before stays. The reason is sent to the server: keep secrets out of it.
   */
  readonly accept?: (resource: XdsResource) => string | undefined;
  /** Told what the client does. Errors it throws are thrown again outside the client. Default: nobody. */
  readonly logger?: (event: XdsClientEvent) => void;
}

/** Options with their defaults, checked. */
export interface ResolvedOptions {
  readonly address: string;
  readonly node: Node;
  readonly credentials: ChannelCredentials;
  readonly channelOptions: ChannelOptions;
  readonly reconnect: Required<ReconnectOptions>;
  readonly connectTimeoutMs: number;
  readonly limits: { readonly resources: number; readonly bytes: number };
  readonly nodeOnFirstMessageOnly: boolean;
}

/** Twelve days: with jitter still less than the longest wait that setTimeout takes. */
const MAX_TIME_MS = 2 ** 30;
/** Says that we drop resources when their time to live is over: servers send it only to clients that say so. */
const TTL_FEATURE = "xds.config.supports-resource-ttl";

/**
 * Looks whether a client can be made with these options, without making one.
 *
 * @throws XdsClientError `insecure` for an address off loopback without credentials, `invalid-argument`.
 */
export function checkXdsClientOptions(options: XdsClientOptions): void {
  resolveOptions(options);
}

/**
 * Fills in the defaults.
 *
 * @throws XdsClientError `insecure` or `invalid-argument`.
 */
export function resolveOptions(options: XdsClientOptions): ResolvedOptions {
  const { address, credentials, insecure = false } = options;
  if (options.node.id === "")
    throw new XdsClientError("invalid-argument", "the node must have an id", { argument: "node" });
  const loopback = isLoopback(address);
  if (credentials === undefined && !loopback && !insecure) {
    throw new XdsClientError(
      "insecure",
      `${JSON.stringify(address)} is not a loopback address: give credentials, or insecure: true to send everything unencrypted`,
      { argument: "credentials" },
    );
  }
  const { minMs = 500, maxMs = 30_000, jitter = 0.2 } = options.reconnect ?? {};
  const reconnect = {
    minMs: inRange("reconnect.minMs", minMs, 1, MAX_TIME_MS),
    maxMs: inRange("reconnect.maxMs", maxMs, minMs, MAX_TIME_MS),
    jitter: inRange("reconnect.jitter", jitter, 0, 1),
  };
  const maxMessageBytes = atLeastOne("maxMessageBytes", options.maxMessageBytes ?? 256 * 1024 ** 2);
  return {
    address,
    node: createNode(options.node),
    credentials: credentials ?? grpcCredentials.createInsecure(),
    channelOptions: {
      "grpc.keepalive_time_ms": 30_000,
      "grpc.keepalive_timeout_ms": 10_000,
      "grpc.keepalive_permit_without_calls": 0,
      "grpc.max_receive_message_length": maxMessageBytes,
      // A write must count as done when it has left, not when it is in a buffer for retries that never happen.
      "grpc.enable_retries": 0,
      "grpc.per_rpc_retry_buffer_size": 0,
      "grpc.use_local_subchannel_pool": 1,
      ...(loopback ? { "grpc.enable_http_proxy": 0 } : {}),
      ...options.channelOptions,
    },
    reconnect,
    connectTimeoutMs: inRange("connectTimeoutMs", options.connectTimeoutMs ?? 20_000, 1, MAX_TIME_MS),
    limits: {
      resources: atLeastOne("maxResourcesPerType", options.maxResourcesPerType ?? 1_000_000),
      bytes: atLeastOne("maxBytesPerType", options.maxBytesPerType ?? 1024 ** 3),
    },
    nodeOnFirstMessageOnly: options.nodeOnFirstMessageOnly ?? true,
  };
}

function createNode(init: XdsNode): Node {
  const node = create(NodeSchema, init);
  try {
    toBinary(NodeSchema, node);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new XdsClientError(
      "invalid-argument",
      `the node cannot be encoded: ${reason}`,
      { argument: "node" },
      { cause },
    );
  }
  if (node.userAgentName === "") node.userAgentName = "rxds";
  if (!node.clientFeatures.includes(TTL_FEATURE)) node.clientFeatures = [...node.clientFeatures, TTL_FEATURE];
  return node;
}

const atLeastOne = (argument: string, value: number): number => inRange(argument, value, 1, Number.MAX_SAFE_INTEGER);

function inRange(argument: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw new XdsClientError("invalid-argument", `${argument} must be between ${min} and ${max}, not ${value}`, {
    argument,
  });
}
