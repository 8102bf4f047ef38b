import { create } from "@bufbuild/protobuf";
import {
  type Cluster,
  Cluster_DiscoveryType,
  Cluster_EdsClusterConfigSchema,
} from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { baseCluster, type ClusterOptions } from "./cluster.js";
import { adsConfigSource } from "./config-source.js";

/** Options of {@link edsCluster}. */
export interface EdsClusterOptions extends ClusterOptions {
  /** The name under which endpoints are asked for. Default: the cluster's name. */
  readonly serviceName?: string;
}

/**
 * A cluster whose endpoints come over xDS: type EDS, over the stream (ADS) that brought the cluster.
 *
 * ```ts
 * createSnapshot([edsCluster({ name: "echo" }), endpoints("echo", ["127.0.0.1:9001"])]);
 * ```
 *
 * The result is an ordinary message; set on it what the options do not offer.
 *
 * @throws BuilderError for an option that no client takes.
 */
export function edsCluster(options: EdsClusterOptions): Cluster {
  const cluster = baseCluster(options, `edsCluster(${JSON.stringify(options.name)})`);
  cluster.clusterDiscoveryType = { case: "type", value: Cluster_DiscoveryType.EDS };
  cluster.edsClusterConfig = create(Cluster_EdsClusterConfigSchema, {
    edsConfig: adsConfigSource(),
    serviceName: options.serviceName ?? "",
  });
  return cluster;
}
