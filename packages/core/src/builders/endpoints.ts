import { create, type JsonObject } from "@bufbuild/protobuf";
import { HealthStatus } from "@rxds/envoy-api/envoy/config/core/v3/health_check";
import {
  type ClusterLoadAssignment,
  ClusterLoadAssignmentSchema,
} from "@rxds/envoy-api/envoy/config/endpoint/v3/endpoint";
import {
  type LbEndpoint,
  LbEndpointSchema,
  type LocalityLbEndpoints,
  LocalityLbEndpointsSchema,
} from "@rxds/envoy-api/envoy/config/endpoint/v3/endpoint_components";
import { type HostKind, parseAddress } from "./address.js";
import { BuilderError } from "./builder-error.js";

/** One endpoint of a cluster. */
export interface EndpointSpec {
  /** `"10.0.0.1:8080"`, `"[::1]:8080"` or `"unix:/run/app.sock"`. */
  readonly address: string;
  /** Load balancing weight within its group, 1 or more. Default: 1. */
  readonly weight?: number;
  /** Health as the control plane knows it. Default: `"UNKNOWN"`, which counts as healthy. */
  readonly health?: keyof typeof HealthStatus;
  /** For `autoHostRewrite` and `autoHostSni`. Default: none. */
  readonly hostname?: string;
  /** Metadata by filter namespace; subset load balancing reads `"envoy.lb"`. Default: none. */
  readonly metadata?: Readonly<Record<string, JsonObject>>;
}

/** Endpoints of one locality and priority. */
export interface EndpointGroup {
  /** The endpoints, each as in {@link EndpointSpec} or just its address. */
  readonly endpoints: readonly (string | EndpointSpec)[];
  /** Default: no locality. */
  readonly locality?: { readonly region?: string; readonly zone?: string; readonly subZone?: string };
  /** 0 is used first; others when too few of the better ones are healthy. From 0 to 128, without gaps. Default: 0. */
  readonly priority?: number;
  /** Weight against other localities, for locality weighted load balancing. Default: none. */
  readonly weight?: number;
}

/** Endpoints on their own (together one group without locality, priority 0), groups, or both. */
export type EndpointsSpec = readonly (string | EndpointSpec | EndpointGroup)[];

/**
 * The endpoints of a cluster: a ClusterLoadAssignment (EDS).
 *
 * ```ts
 * endpoints("echo", ["127.0.0.1:9001", { address: "[::1]:9002", weight: 2 }]);
 * endpoints("echo", [{ locality: { zone: "a" }, endpoints: ["10.0.0.1:80"] }, { priority: 1, endpoints: ["10.1.0.1:80"] }]);
 * ```
 *
 * An empty list is a cluster that has no endpoints.
 *
 * @param clusterName The EDS service name: the cluster's `serviceName`, or its name when it has none.
 * @throws BuilderError for an address that is no IP address with a port or a path, and a weight or priority out of range.
 */
export function endpoints(clusterName: string, hosts: EndpointsSpec): ClusterLoadAssignment {
  return loadAssignment(clusterName, hosts, "ip", `endpoints(${JSON.stringify(clusterName)}).hosts`);
}

/** As {@link endpoints}; a cluster with DNS discovery may name hosts. */
export function loadAssignment(
  clusterName: string,
  hosts: EndpointsSpec,
  kind: HostKind,
  at: string,
): ClusterLoadAssignment {
  const alone: LbEndpoint[] = [];
  const groups: LocalityLbEndpoints[] = [];
  hosts.forEach((host, i) => {
    const path = `${at}[${i}]`;
    if (typeof host !== "string" && "endpoints" in host) groups.push(localityEndpoints(host, kind, path));
    else alone.push(lbEndpoint(host, kind, path));
  });
  if (alone.length > 0) groups.unshift(create(LocalityLbEndpointsSchema, { lbEndpoints: alone }));
  return create(ClusterLoadAssignmentSchema, { clusterName, endpoints: groups });
}

function localityEndpoints(group: EndpointGroup, kind: HostKind, path: string): LocalityLbEndpoints {
  const { priority = 0, weight } = group;
  if (!Number.isInteger(priority) || priority < 0 || priority > 128) {
    throw new BuilderError("invalid-weight", `${path}.priority`, "a whole number from 0 to 128", priority);
  }
  return create(LocalityLbEndpointsSchema, {
    lbEndpoints: group.endpoints.map((endpoint, i) => lbEndpoint(endpoint, kind, `${path}.endpoints[${i}]`)),
    locality: group.locality && { ...group.locality },
    priority,
    loadBalancingWeight: checkWeight(weight, path),
  });
}

function lbEndpoint(spec: string | EndpointSpec, kind: HostKind, path: string): LbEndpoint {
  const {
    address,
    weight,
    health = "UNKNOWN",
    hostname = "",
    metadata,
  }: EndpointSpec = typeof spec === "string" ? { address: spec } : spec;
  return create(LbEndpointSchema, {
    hostIdentifier: { case: "endpoint", value: { address: parseAddress(address, path, kind), hostname } },
    healthStatus: HealthStatus[health],
    loadBalancingWeight: checkWeight(weight, path),
    metadata: metadata && { filterMetadata: { ...metadata } },
  });
}

function checkWeight(weight: number | undefined, path: string): number | undefined {
  if (weight !== undefined && !(Number.isInteger(weight) && weight >= 1 && weight <= 0xffff_ffff)) {
    throw new BuilderError("invalid-weight", `${path}.weight`, "a whole number, 1 or more", weight);
  }
  return weight;
}
