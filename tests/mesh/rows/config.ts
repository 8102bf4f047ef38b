import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { ClustersConfigDumpSchema, RoutesConfigDumpSchema } from "@rxds/envoy-api/envoy/admin/v3/config_dump_shared";
import { type Cluster, ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { RouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/route";
import type { Route } from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { proxyOf } from "./asker.js";
import type { Asker } from "./row.js";

const envoyOf = ({ world }: Asker, from: string) => world.envoy(proxyOf(world, `default/${from}`));

/** A route as the Envoy has it that carries a workload's connections. */
export async function routeOf(asker: Asker, from: string, config: string, name: string): Promise<Route> {
  const { configs } = await envoyOf(asker, from).configDump();
  for (const section of configs) {
    for (const { routeConfig } of anyUnpack(section, RoutesConfigDumpSchema)?.dynamicRouteConfigs ?? []) {
      const routes = routeConfig && anyUnpack(routeConfig, RouteConfigurationSchema);
      if (routes?.name !== config) continue;
      const found = routes.virtualHosts.flatMap((host) => host.routes).find((route) => route.name === name);
      if (found !== undefined) return found;
    }
  }
  throw new Error(`there is no route ${name} in ${config}`);
}

/** A cluster as the Envoy has it that carries a workload's connections. */
export async function clusterOf(asker: Asker, from: string, name: string): Promise<Cluster> {
  const { configs } = await envoyOf(asker, from).configDump();
  for (const section of configs) {
    for (const { cluster } of anyUnpack(section, ClustersConfigDumpSchema)?.dynamicActiveClusters ?? []) {
      const found = cluster && anyUnpack(cluster, ClusterSchema);
      if (found?.name === name) return found;
    }
  }
  throw new Error(`there is no cluster ${name}`);
}

/** A duration in milliseconds. */
export const ms = (duration: { readonly seconds: bigint; readonly nanos: number } | undefined): number | undefined =>
  duration && Number(duration.seconds) * 1000 + duration.nanos / 1e6;
