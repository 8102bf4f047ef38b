import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { fromBinary } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { type Cluster, Cluster_DiscoveryType, ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import type { TransportSocket } from "@rxds/envoy-api/envoy/config/core/v3/base";
import {
  type ClusterLoadAssignment,
  ClusterLoadAssignmentSchema,
} from "@rxds/envoy-api/envoy/config/endpoint/v3/endpoint";
import { RouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/route";
import {
  type CommonTlsContext,
  type DownstreamTlsContextSchema,
  UpstreamTlsContextSchema,
} from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/tls";
import { listenerFacts } from "./listener-facts.js";
import { duplicateDomains, waysOf } from "./ways.js";

/** Where requests are led: a cluster, and for how long a request that was led there may be tried there again. */
export interface Way {
  readonly cluster: string;
  readonly retryMs: number;
}

/** What the simulated Envoy understands of a resource. */
export interface Facts {
  /** Why it is rejected when it is applied: the others of its response are applied. */
  readonly bad?: string;
  /** Why its whole response is rejected before anything is applied. */
  readonly invalid?: string;
  /** Of a cluster: the name of its endpoints, when they come over EDS. */
  readonly eds?: string;
  /** Of a cluster: whether it is used only after a first health check. */
  readonly checked?: boolean;
  /** Of a cluster or listener: the secrets that it asks for. */
  readonly secrets?: readonly string[];
  /** Of a listener. */
  readonly addresses?: readonly string[];
  /** Of a listener: the route configurations that it asks for. */
  readonly routes?: readonly string[];
  /** Of a listener: the clusters without which it is rejected, as those of routes inside it are. */
  readonly requires?: readonly string[];
  /** Of routes, and of a listener that has them inside: where they lead. */
  readonly ways?: readonly Way[];
}

/** What an Any of a type holds. */
export function factsOf({ typeUrl, value }: Pick<Any, "typeUrl" | "value">): Facts {
  try {
    switch (typeUrl.slice(typeUrl.lastIndexOf(".") + 1)) {
      case "Cluster":
        return clusterFacts(fromBinary(ClusterSchema, value));
      case "ClusterLoadAssignment":
        return endpointsFacts(fromBinary(ClusterLoadAssignmentSchema, value));
      case "RouteConfiguration": {
        const config = fromBinary(RouteConfigurationSchema, value);
        const twice = duplicateDomains(config);
        return twice === undefined ? { ways: waysOf(config) } : { bad: `Only unique values for domains: ${twice}` };
      }
      case "Listener":
        return listenerFacts(value);
      default:
        return {};
    }
  } catch {
    return { invalid: "Unable to unpack" };
  }
}

function clusterFacts(cluster: Cluster): Facts {
  const timeout = cluster.connectTimeout;
  if (timeout !== undefined && timeout.seconds <= 0n && timeout.nanos <= 0) return { invalid: "ConnectTimeout" };
  const type = cluster.clusterDiscoveryType;
  const eds = type.case === "type" && type.value === Cluster_DiscoveryType.EDS;
  if (eds && cluster.edsClusterConfig?.edsConfig === undefined)
    return { bad: "cannot create an EDS cluster without an EDS config" };
  const tls = tlsOf(cluster.transportSocket, UpstreamTlsContextSchema);
  if (tls !== undefined && !trusts(tls)) return { bad: "Failed to load trusted CA certificates from <inline>" };
  const name = cluster.edsClusterConfig?.serviceName || cluster.name;
  return { ...(eds && { eds: name }), checked: cluster.healthChecks.length > 0, secrets: secretsOf(tls) };
}

function endpointsFacts({ endpoints }: ClusterLoadAssignment): Facts {
  for (const { hostIdentifier: host } of endpoints.flatMap(({ lbEndpoints }) => lbEndpoints)) {
    const address = host.case === "endpoint" ? host.value.address?.address : undefined;
    if (address?.case === "socketAddress" && isIP(address.value.address) === 0)
      return { bad: `malformed IP address: ${address.value.address}` };
  }
  return {};
}

/** The TLS settings of a transport socket. */
export function tlsOf(
  socket: TransportSocket | undefined,
  schema: typeof UpstreamTlsContextSchema | typeof DownstreamTlsContextSchema,
): CommonTlsContext | undefined {
  const any = socket?.configType.case === "typedConfig" ? socket.configType.value : undefined;
  return any?.typeUrl.endsWith(`/${schema.typeName}`) ? fromBinary(schema, any.value).commonTlsContext : undefined;
}

/** The secrets that TLS settings ask for. */
export function secretsOf(tls: CommonTlsContext | undefined): readonly string[] {
  const validation = tls?.validationContextType;
  const combined =
    validation?.case === "combinedValidationContext" ? validation.value.validationContextSdsSecretConfig : undefined;
  const trusted = validation?.case === "validationContextSdsSecretConfig" ? validation.value : combined;
  return [...(tls?.tlsCertificateSdsSecretConfigs ?? []), ...(trusted ? [trusted] : [])].map(({ name }) => name);
}

function trusts(tls: CommonTlsContext): boolean {
  const validation = tls.validationContextType;
  const ca = validation.case === "validationContext" ? validation.value.trustedCa?.specifier : undefined;
  if (ca?.case !== "inlineString") return true;
  try {
    return new X509Certificate(ca.value).ca !== undefined;
  } catch {
    return false;
  }
}
