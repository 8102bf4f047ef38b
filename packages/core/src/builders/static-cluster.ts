import { type Cluster, Cluster_DiscoveryType } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { baseCluster, type ClusterOptions } from "./cluster.js";
import { type EndpointsSpec, loadAssignment } from "./endpoints.js";

/** Options of {@link staticCluster}. */
export interface StaticClusterOptions extends ClusterOptions {
  /** The endpoints, as `endpoints` takes them. */
  readonly endpoints: EndpointsSpec;
}

/**
 * A cluster that carries its endpoints with it: type STATIC. A change of endpoints replaces the cluster and its
 * connections; use `edsCluster` where they change.
 *
 * @throws BuilderError for an option that no client takes.
 */
export function staticCluster(options: StaticClusterOptions): Cluster {
  const at = `staticCluster(${JSON.stringify(options.name)})`;
  const cluster = baseCluster(options, at);
  cluster.clusterDiscoveryType = { case: "type", value: Cluster_DiscoveryType.STATIC };
  cluster.loadAssignment = loadAssignment(options.name, options.endpoints, "ip", `${at}.endpoints`);
  return cluster;
}
