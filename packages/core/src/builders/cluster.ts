import { create, isMessage, type MessageInitShape } from "@bufbuild/protobuf";
import type { CircuitBreakers_ThresholdsSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/circuit_breaker";
import { type Cluster, Cluster_LbPolicy, ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import type { OutlierDetectionSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/outlier_detection";
import { type TransportSocket, TransportSocketSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import type { HealthCheck } from "@rxds/envoy-api/envoy/config/core/v3/health_check";
import { HttpProtocolOptionsSchema } from "@rxds/envoy-api/envoy/extensions/upstreams/http/v3/http_protocol_options";
import { typedConfig } from "../encode/index.js";
import { BuilderError } from "./builder-error.js";
import { duration } from "./duration.js";
import { type HealthCheckSpec, healthCheck } from "./health-check.js";
import { type UpstreamTlsOptions, upstreamTls } from "./upstream-tls.js";

/** What all clusters have in common. */
export interface ClusterOptions {
  /** The name that routes use. */
  readonly name: string;
  /** Time to connect to an endpoint, in milliseconds. Default: 5000, Envoy's own. */
  readonly connectTimeoutMs?: number;
  /** How an endpoint is chosen. Default: `"ROUND_ROBIN"`. */
  readonly lbPolicy?: "ROUND_ROBIN" | "LEAST_REQUEST" | "RANDOM" | "RING_HASH" | "MAGLEV";
  /** TLS to the endpoints: options, or what `upstreamTls` returned. Default: plain text. */
  readonly tls?: UpstreamTlsOptions | TransportSocket;
  /** Whether to speak HTTP/2 (gRPC needs it) instead of HTTP/1.1. Default: false. */
  readonly http2?: boolean;
  /** Ejection of failing endpoints; `{}` takes Envoy's defaults. Default: none. */
  readonly outlierDetection?: MessageInitShape<typeof OutlierDetectionSchema>;
  /** Limits for requests of default priority. Default: Envoy's, 1024 connections, pending requests and requests each. */
  readonly circuitBreakers?: MessageInitShape<typeof CircuitBreakers_ThresholdsSchema>;
  /** An active health check; Envoy takes one per cluster. Default: none. */
  readonly healthCheck?: HealthCheckSpec | HealthCheck;
}

const httpProtocolOptions = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** The part of a cluster that does not depend on how its endpoints are found. `at` names the builder, for errors. */
export function baseCluster(options: ClusterOptions, at: string): Cluster {
  const { tls, circuitBreakers, healthCheck: check } = options;
  if (options.connectTimeoutMs === 0) {
    throw new BuilderError("invalid-duration", `${at}.connectTimeoutMs`, "more than 0 milliseconds", 0);
  }
  return create(ClusterSchema, {
    name: options.name,
    connectTimeout: duration(options.connectTimeoutMs, `${at}.connectTimeoutMs`),
    lbPolicy: Cluster_LbPolicy[options.lbPolicy ?? "ROUND_ROBIN"],
    transportSocket: tls === undefined || isMessage(tls, TransportSocketSchema) ? tls : upstreamTls(tls),
    typedExtensionProtocolOptions: options.http2 ? { [httpProtocolOptions]: http2Options() } : {},
    outlierDetection: options.outlierDetection,
    circuitBreakers: circuitBreakers && { thresholds: [circuitBreakers] },
    healthChecks: check === undefined ? [] : [healthCheck(check, `${at}.healthCheck`)],
  });
}

function http2Options() {
  return typedConfig(HttpProtocolOptionsSchema, {
    upstreamProtocolOptions: {
      case: "explicitHttpConfig",
      value: { protocolConfig: { case: "http2ProtocolOptions", value: {} } },
    },
  });
}
