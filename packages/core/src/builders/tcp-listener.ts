import { create } from "@bufbuild/protobuf";
import type { Listener } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import {
  type TcpProxy,
  TcpProxy_WeightedClusterSchema,
  TcpProxySchema,
} from "@rxds/envoy-api/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy";
import { packAny } from "../encode/index.js";
import { accessLogs } from "./access-log.js";
import { exactlyOne } from "./builder-error.js";
import { duration } from "./duration.js";
import { type ListenerOptions, singleFilterListener } from "./listener.js";
import { clusterWeights, type WeightedClusters } from "./weighted-clusters.js";

/** Options of {@link tcpListener}; exactly one of `cluster` and `weightedClusters` is given. */
export interface TcpListenerOptions extends ListenerOptions {
  /** The cluster that connections go to. */
  readonly cluster?: string;
  /** Clusters that share the connections, such as `{ a: 90, b: 10 }`. One of weight 0 is left out. */
  readonly weightedClusters?: WeightedClusters;
  /** A connection without traffic for so long is closed, in milliseconds; 0: never. Default: one hour, Envoy's own. */
  readonly idleTimeoutMs?: number;
  /** Changes the TCP proxy before it is packed, for what the options do not offer. */
  readonly customize?: (proxy: TcpProxy) => void;
}

/**
 * A listener that passes connections on to a cluster. It listens on 127.0.0.1 unless `address` says otherwise.
 *
 * @throws BuilderError for an option that no client takes.
 */
export function tcpListener(options: TcpListenerOptions): Listener {
  const at = `tcpListener(${JSON.stringify(options.name)})`;
  const proxy = create(TcpProxySchema, {
    statPrefix: options.statPrefix ?? options.name,
    clusterSpecifier: clusterSpecifier(options, at),
    idleTimeout: duration(options.idleTimeoutMs, `${at}.idleTimeoutMs`),
    accessLog: accessLogs(options.accessLog),
  });
  options.customize?.(proxy);
  return singleFilterListener(
    options,
    { name: "envoy.filters.network.tcp_proxy", typedConfig: packAny(TcpProxySchema, proxy) },
    at,
  );
}

function clusterSpecifier(options: TcpListenerOptions, at: string): TcpProxy["clusterSpecifier"] {
  exactlyOne(options, ["cluster", "weightedClusters"], at);
  if (options.weightedClusters === undefined) return { case: "cluster", value: options.cluster ?? "" };
  const weights = clusterWeights(options.weightedClusters, `${at}.weightedClusters`);
  const clusters = weights.filter(({ weight }) => weight > 0);
  return { case: "weightedClusters", value: create(TcpProxy_WeightedClusterSchema, { clusters }) };
}
