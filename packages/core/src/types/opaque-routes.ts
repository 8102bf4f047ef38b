import type { RouteConfiguration } from "@rxds/envoy-api/envoy/config/route/v3/route";
import type {
  RouteAction,
  RouteAction_RequestMirrorPolicy,
  VirtualHost,
} from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { namesNoCluster } from "./opaque.js";

type PerFilter = Pick<VirtualHost, "typedPerFilterConfig">;

function hasOpaqueFilter({ typedPerFilterConfig: configs }: PerFilter): boolean {
  // Hardly ever is there any: no list is made of them.
  for (const filter in configs) if (!namesNoCluster(configs[filter])) return true;
  return false;
}

const hasMirrorByHeader = (policies: readonly RouteAction_RequestMirrorPolicy[]): boolean =>
  policies.some(({ clusterHeader }) => clusterHeader !== "");

function isOpaqueAction(action: RouteAction): boolean {
  const target = action.clusterSpecifier;
  if (hasMirrorByHeader(action.requestMirrorPolicies)) return true;
  if (target.case === "weightedClusters") {
    return target.value.clusters.some((part) => part.clusterHeader !== "" || hasOpaqueFilter(part));
  }
  // A header or a plugin tells the cluster, request by request.
  return target.case !== "cluster";
}

/** Whether a virtual host may lead to clusters that it does not name. */
export function isOpaqueHost(host: VirtualHost): boolean {
  if (hasOpaqueFilter(host) || hasMirrorByHeader(host.requestMirrorPolicies)) return true;
  return host.routes.some(
    (route) => hasOpaqueFilter(route) || (route.action.case === "route" && isOpaqueAction(route.action.value)),
  );
}

/** Whether a route configuration may lead to clusters that it does not name. */
export function isOpaqueRoutes(config: RouteConfiguration): boolean {
  return (
    hasOpaqueFilter(config) || hasMirrorByHeader(config.requestMirrorPolicies) || config.virtualHosts.some(isOpaqueHost)
  );
}
