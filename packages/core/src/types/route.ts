import { type RouteConfiguration, RouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/route";
import {
  type RouteAction,
  type VirtualHost,
  VirtualHostSchema,
} from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { ScopedRouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/scoped_route";
import type { Reference } from "../resource/resource.js";
import { defineResourceType } from "../resource/resource-type.js";
import { typeUrls } from "./type-urls.js";

function actionClusters(action: RouteAction, at: string): Reference[] {
  const found: Reference[] = [];
  const push = (name: string, path: string) => {
    if (name !== "") found.push({ type: typeUrls.cluster, name, path });
  };
  const target = action.clusterSpecifier;
  if (target.case === "cluster") push(target.value, `${at}.cluster`);
  if (target.case === "weightedClusters") {
    target.value.clusters.forEach((part, i) => {
      push(part.name, `${at}.weighted_clusters.clusters[${i}].name`);
    });
  }
  action.requestMirrorPolicies.forEach((policy, i) => {
    push(policy.cluster, `${at}.request_mirror_policies[${i}].cluster`);
  });
  return found;
}

/** The clusters that a virtual host routes to by name. */
export function virtualHostReferences(host: VirtualHost, at = ""): Reference[] {
  const found: Reference[] = [];
  host.routes.forEach((route, i) => {
    if (route.action.case === "route") found.push(...actionClusters(route.action.value, `${at}routes[${i}].route`));
  });
  return found;
}

/** The clusters that a route configuration routes to by name. */
export function routeReferences(config: RouteConfiguration, at = ""): Reference[] {
  return config.virtualHosts.flatMap((host, i) => virtualHostReferences(host, `${at}virtual_hosts[${i}].`));
}

/** RDS: a route configuration. */
export const routesType = defineResourceType({
  schema: RouteConfigurationSchema,
  label: "RDS",
  rank: 40,
  references: routeReferences,
});

/**
 * VHDS: a virtual host of a route configuration, named `<route configuration>/<host>`; delta only. It is also found by
 * `<route configuration>/<domain>` for each of its domains: that is what Envoy asks for on demand. Of an unknown host Envoy
 * hears by a resource without a body: a removal would leave the request hanging.
 */
export const virtualHostType = defineResourceType({
  schema: VirtualHostSchema,
  label: "VHDS",
  rank: 50,
  missing: "bodiless",
  references: virtualHostReferences,
  aliases: ({ domains }, name) => {
    // A host has no slash, a route configuration may.
    const end = name.lastIndexOf("/");
    const names = end < 0 ? [] : domains.map((domain) => `${name.slice(0, end)}/${domain}`);
    return names.filter((alias) => alias !== name);
  },
});

/** SRDS: a scope of a listener's routes. Envoy takes a response as the whole set. */
export const scopedRoutesType = defineResourceType({
  schema: ScopedRouteConfigurationSchema,
  label: "SRDS",
  rank: 35,
  fullState: true,
  references: (scope) =>
    scope.routeConfigurationName === ""
      ? []
      : [{ type: typeUrls.routes, name: scope.routeConfigurationName, path: "route_configuration_name" }],
});
