import { create, isMessage } from "@bufbuild/protobuf";
import {
  type Cluster,
  Cluster_CustomClusterTypeSchema,
  Cluster_DiscoveryType,
} from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { TransportSocketSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import { DnsLookupFamily } from "@rxds/envoy-api/envoy/extensions/clusters/common/dns/v3/dns";
import { DnsClusterSchema } from "@rxds/envoy-api/envoy/extensions/clusters/dns/v3/dns_cluster";
import { typedConfig } from "../encode/index.js";
import { hostName, portNumber } from "./address.js";
import { baseCluster, type ClusterOptions } from "./cluster.js";
import { duration } from "./duration.js";
import { loadAssignment } from "./endpoints.js";

/** Options of {@link dnsCluster}. */
export interface DnsClusterOptions extends ClusterOptions {
  /** The DNS name (or IP address) of the endpoints. */
  readonly host: string;
  /** Their port. */
  readonly port: number;
  /**
   * `"STRICT_DNS"`: every address is an endpoint. `"LOGICAL_DNS"`: the first address serves new connections and old
   * connections stay, for names that answer with ever different addresses. Default: `"STRICT_DNS"`.
   */
  readonly type?: "STRICT_DNS" | "LOGICAL_DNS";
  /** Which addresses are asked for. Default: `"AUTO"`, version 6 and, if there is none, version 4. */
  readonly lookupFamily?: Exclude<keyof typeof DnsLookupFamily, "UNSPECIFIED">;
  /** Time between look-ups, in milliseconds. Default: 5000. */
  readonly refreshMs?: number;
}

/**
 * A cluster whose endpoints come from DNS, looked up by the client.
 *
 * With `tls` given as options, the SNI is the host unless the options say otherwise.
 *
 * `lookupFamily` and `refreshMs` use the extension `envoy.clusters.dns` (Envoy 1.34 or later), because the cluster's own
 * fields for them are deprecated.
 *
 * @throws BuilderError for an option that no client takes.
 */
export function dnsCluster(options: DnsClusterOptions): Cluster {
  const { name, type = "STRICT_DNS", tls } = options;
  const at = `dnsCluster(${JSON.stringify(name)})`;
  const host = hostName(options.host, `${at}.host`);
  const port = portNumber(options.port, `${at}.port`, 1);
  const withSni = tls === undefined || isMessage(tls, TransportSocketSchema) ? {} : { tls: { sni: host, ...tls } };
  const cluster = baseCluster({ ...options, ...withSni }, at);
  cluster.clusterDiscoveryType =
    options.lookupFamily === undefined && options.refreshMs === undefined
      ? { case: "type", value: Cluster_DiscoveryType[type] }
      : { case: "clusterType", value: dnsClusterType(options, type, at) };
  const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  cluster.loadAssignment = loadAssignment(name, [address], "dns", at);
  return cluster;
}

function dnsClusterType(options: DnsClusterOptions, type: "STRICT_DNS" | "LOGICAL_DNS", at: string) {
  return create(Cluster_CustomClusterTypeSchema, {
    name: "envoy.clusters.dns",
    typedConfig: typedConfig(DnsClusterSchema, {
      dnsLookupFamily: DnsLookupFamily[options.lookupFamily ?? "AUTO"],
      dnsRefreshRate: duration(options.refreshMs, `${at}.refreshMs`),
      allAddressesInSingleEndpoint: type === "LOGICAL_DNS",
    }),
  });
}
