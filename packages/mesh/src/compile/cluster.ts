import { create } from "@bufbuild/protobuf";
import { edsCluster, typedConfig } from "@rxds/core";
import {
  type Cluster,
  Cluster_DiscoveryType,
  Cluster_LbPolicy,
  ClusterSchema,
} from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { HttpProtocolOptionsSchema } from "@rxds/envoy-api/envoy/extensions/upstreams/http/v3/http_protocol_options";
import type { MeshSettings, TrafficPolicy } from "../model/document.js";
import { milliseconds } from "../model/fields.js";
import { duration } from "./duration.js";
import { metadata } from "./metadata.js";
import { INBOUND_CLUSTER } from "./names.js";
import { isHttp, type ServicePort } from "./service-port.js";

const POLICIES = {
  roundRobin: "ROUND_ROBIN",
  leastRequest: "LEAST_REQUEST",
  random: "RANDOM",
  ringHash: "RING_HASH",
  maglev: "MAGLEV",
} as const;

/** Enough for every number that a load balancer could be asked to have of something. */
const UNLIMITED = 0xffff_ffff;

const PROTOCOL_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** The cluster of a service's port. */
export function portCluster(
  port: ServicePort,
  policy: TrafficPolicy | undefined,
  settings: MeshSettings | undefined,
): Cluster {
  const { outlierDetection, circuitBreakers, connectionPool, loadBalancing, localities } = policy?.spec ?? {};
  const connectTimeout = connectionPool?.connectTimeout ?? settings?.spec.defaults?.connectTimeout;
  const cluster = edsCluster({
    name: port.cluster,
    lbPolicy: POLICIES[loadBalancing?.policy ?? "roundRobin"],
    ...(connectTimeout === undefined ? {} : { connectTimeoutMs: milliseconds(connectTimeout) }),
    ...(circuitBreakers === undefined ? {} : { circuitBreakers: thresholds(circuitBreakers) }),
    ...(outlierDetection === undefined
      ? {}
      : {
          outlierDetection: {
            consecutive5xx: outlierDetection.consecutiveErrors ?? 5,
            interval: duration(outlierDetection.interval ?? "10s"),
            baseEjectionTime: duration(outlierDetection.baseEjection ?? "30s"),
            maxEjectionPercent: outlierDetection.maxEjectionPercent ?? 10,
          },
        }),
    ...healthCheck(port, policy),
  });
  cluster.metadata = create(ClusterSchema, { metadata: metadata({ service: port.service }) }).metadata!;
  // Also when nobody asks: Envoy's own default is a minute.
  for (const check of cluster.healthChecks) if (check.interval) check.noTrafficInterval = check.interval;
  if (localities !== undefined) {
    cluster.commonLbConfig = create(ClusterSchema, {
      commonLbConfig: { localityConfigSpecifier: { case: "localityWeightedLbConfig", value: {} } },
    }).commonLbConfig!;
  }
  if (isHttp(port)) cluster.typedExtensionProtocolOptions[PROTOCOL_OPTIONS] = protocolOptions(port, connectionPool);
  return cluster;
}

/** Where an incoming connection of a sidecar was meant to go: to its own workload. */
export function inboundCluster(): Cluster {
  return create(ClusterSchema, {
    name: INBOUND_CLUSTER,
    clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.ORIGINAL_DST },
    lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED,
    // The source's proxy counts; the workload itself sets its limits.
    circuitBreakers: {
      thresholds: [
        {
          maxConnections: UNLIMITED,
          maxPendingRequests: UNLIMITED,
          maxRequests: UNLIMITED,
          maxRetries: UNLIMITED,
        },
      ],
    },
    // HTTP/2 goes on as HTTP/2.
    typedExtensionProtocolOptions: {
      [PROTOCOL_OPTIONS]: typedConfig(HttpProtocolOptionsSchema, {
        upstreamProtocolOptions: {
          case: "useDownstreamProtocolConfig",
          value: { httpProtocolOptions: {}, http2ProtocolOptions: {} },
        },
      }),
    },
  });
}

type Spec = TrafficPolicy["spec"];

function thresholds(limits: NonNullable<Spec["circuitBreakers"]>) {
  return {
    ...(limits.maxConnections === undefined ? {} : { maxConnections: limits.maxConnections }),
    ...(limits.maxPendingRequests === undefined ? {} : { maxPendingRequests: limits.maxPendingRequests }),
    ...(limits.maxRequests === undefined ? {} : { maxRequests: limits.maxRequests }),
    ...(limits.maxRetries === undefined ? {} : { maxRetries: limits.maxRetries }),
  };
}

function healthCheck(port: ServicePort, policy: TrafficPolicy | undefined) {
  const check = policy?.spec.healthCheck;
  // UDP answers nothing by itself.
  if (check === undefined || port.protocol === "udp") return {};
  return {
    healthCheck: {
      intervalMs: milliseconds(check.interval ?? "5s"),
      timeoutMs: milliseconds(check.timeout ?? "1s"),
      healthyThreshold: check.healthyThreshold ?? 1,
      unhealthyThreshold: check.unhealthyThreshold ?? 3,
      ...(check.path !== undefined && isHttp(port)
        ? { http: { path: check.path } }
        : port.protocol === "grpc"
          ? { grpc: {} }
          : { tcp: true as const }),
    },
  };
}

function protocolOptions(port: ServicePort, pool: Spec["connectionPool"]) {
  const idleTimeout = pool?.idleTimeout;
  const most = pool?.maxRequestsPerConnection;
  return typedConfig(HttpProtocolOptionsSchema, {
    commonHttpProtocolOptions: {
      ...(idleTimeout === undefined ? {} : { idleTimeout: duration(idleTimeout) }),
      ...(most === undefined ? {} : { maxRequestsPerConnection: most }),
    },
    upstreamProtocolOptions: {
      case: "explicitHttpConfig",
      value: {
        protocolConfig:
          port.protocol === "grpc"
            ? { case: "http2ProtocolOptions", value: {} }
            : { case: "httpProtocolOptions", value: {} },
      },
    },
  });
}
