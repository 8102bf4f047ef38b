import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import {
  ClustersConfigDumpSchema,
  ListenersConfigDumpSchema,
  RoutesConfigDumpSchema,
} from "@rxds/envoy-api/envoy/admin/v3/config_dump_shared";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { RouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/route";

/** The names of the clusters, listeners and routes that came over xDS, in one section of a config dump. */
export function namesIn(section: Any): string[] {
  const clusters = anyUnpack(section, ClustersConfigDumpSchema)?.dynamicActiveClusters ?? [];
  const listeners = anyUnpack(section, ListenersConfigDumpSchema)?.dynamicListeners ?? [];
  const routes = anyUnpack(section, RoutesConfigDumpSchema)?.dynamicRouteConfigs ?? [];
  return [
    ...clusters.flatMap(({ cluster }) => (cluster && anyUnpack(cluster, ClusterSchema)?.name) ?? []),
    ...listeners.map(({ name }) => name),
    ...routes.flatMap(
      ({ routeConfig }) => (routeConfig && anyUnpack(routeConfig, RouteConfigurationSchema)?.name) ?? [],
    ),
  ];
}
