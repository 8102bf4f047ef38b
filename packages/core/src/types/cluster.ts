import { type Cluster, Cluster_DiscoveryType, ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { ClusterConfigSchema as AggregateSchema } from "@rxds/envoy-api/envoy/extensions/clusters/aggregate/v3/cluster";
import type { Reference, ResourceProblem, ResourceTraits } from "../resource/resource.js";
import { defineResourceType } from "../resource/resource-type.js";
import { loadAssignmentProblems } from "./endpoints.js";
import { tlsReferences } from "./tls.js";
import { typeUrls } from "./type-urls.js";
import { unpack } from "./unpack.js";

/** Whether a cluster's endpoints come over xDS. */
function isEds(cluster: Cluster): boolean {
  const type = cluster.clusterDiscoveryType;
  return type.case === "type" && type.value === Cluster_DiscoveryType.EDS;
}

function references(cluster: Cluster): Reference[] {
  const found = tlsReferences(cluster.transportSocket, "transport_socket");
  cluster.transportSocketMatches.forEach((match, i) => {
    found.push(...tlsReferences(match.transportSocket, `transport_socket_matches[${i}].transport_socket`));
  });
  if (isEds(cluster)) {
    const service = cluster.edsClusterConfig?.serviceName;
    found.push({
      type: typeUrls.endpoints,
      name: service || cluster.name,
      path: service ? "eds_cluster_config.service_name" : "name",
    });
  }
  const custom = cluster.clusterDiscoveryType;
  if (custom.case === "clusterType") {
    unpack(custom.value.typedConfig, AggregateSchema)?.clusters.forEach((name, i) => {
      found.push({ type: typeUrls.cluster, name, path: `cluster_type.typed_config.clusters[${i}]` });
    });
  }
  return found;
}

// Every cluster has one of these two.
const READY_BY_ACK: ResourceTraits = { readiness: "acked" };
const READY_BY_EDS: ResourceTraits = { readiness: "eds" };

/** One with health checks is not ready before the first of them. */
const traits = (cluster: Cluster): ResourceTraits =>
  isEds(cluster) && cluster.healthChecks.length === 0 ? READY_BY_EDS : READY_BY_ACK;

function problems(cluster: Cluster): ResourceProblem[] {
  const found: ResourceProblem[] = [];
  if (cluster.name === "") found.push({ path: "name", message: "a cluster needs a name" });
  if (isEds(cluster) && cluster.edsClusterConfig?.edsConfig === undefined) {
    found.push({ path: "eds_cluster_config.eds_config", message: "a cluster of type EDS needs an EDS config source" });
  }
  if (cluster.loadAssignment !== undefined) {
    const type = cluster.clusterDiscoveryType;
    const fixed = type.case === "type" && type.value === Cluster_DiscoveryType.STATIC;
    found.push(...loadAssignmentProblems(cluster.loadAssignment, fixed ? "ip" : "host", "load_assignment."));
  }
  return found;
}

/** CDS: an upstream cluster. */
export const clusterType = defineResourceType({
  schema: ClusterSchema,
  label: "CDS",
  rank: 10,
  fullState: true,
  references,
  traits,
  problems,
});
