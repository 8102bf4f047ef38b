import { type RouteConfiguration, RouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/route";
import {
  type RouteAction,
  type RouteAction_RequestMirrorPolicy,
  type VirtualHost,
  VirtualHostSchema,
} from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { ScopedRouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/scoped_route";
import type { Reference } from "../resource/resource.js";
import { defineResourceType } from "../resource/resource-type.js";
import { OPAQUE } from "./opaque.js";
import { isOpaqueHost, isOpaqueRoutes } from "./opaque-routes.js";
import { typeUrls } from "./type-urls.js";

/** Envoy's timeout of a route that says none. */
const DEFAULT_TIMEOUT_MS = 15_000;

type Retrying = Pick<RouteAction, "retryPolicy" | "retryPolicyTypedConfig">;

const retries = (from: Retrying): boolean =>
  from.retryPolicy !== undefined || from.retryPolicyTypedConfig !== undefined;

/** How long a request may be tried again. A route without any timeout (0) counts as one with the default. */
function retryMs(action: RouteAction, host: Retrying): number | undefined {
  if (!retries(action) && !retries(host)) return undefined;
  const { seconds = 0n, nanos = 0 } = action.timeout ?? {};
  return Number(seconds) * 1000 + Math.ceil(nanos / 1e6) || DEFAULT_TIMEOUT_MS;
}

function addMirrors(found: Reference[], policies: readonly RouteAction_RequestMirrorPolicy[], at: string): void {
  policies.forEach(({ cluster: name }, i) => {
    const path = `${at}request_mirror_policies[${i}].cluster`;
    if (name !== "") found.push({ type: typeUrls.cluster, name, path });
  });
}

function addAction(found: Reference[], action: RouteAction, host: Retrying, at: string): void {
  const retry = retryMs(action, host);
  const push = (name: string, path: string) => {
    if (name === "") return;
    const reference = { type: typeUrls.cluster, name, path };
    found.push(retry === undefined ? reference : { ...reference, retryMs: retry });
  };
  const target = action.clusterSpecifier;
  if (target.case === "cluster") push(target.value, `${at}.cluster`);
  if (target.case === "weightedClusters") {
    target.value.clusters.forEach((part, i) => {
      push(part.name, `${at}.weighted_clusters.clusters[${i}].name`);
    });
  }
  addMirrors(found, action.requestMirrorPolicies, `${at}.`);
}

function addHost(found: Reference[], host: VirtualHost, at: string): void {
  addMirrors(found, host.requestMirrorPolicies, at);
  host.routes.forEach(({ action }, i) => {
    if (action.case === "route") addAction(found, action.value, host, `${at}routes[${i}].route`);
  });
}

/** The clusters that a virtual host routes to by name. */
export function virtualHostReferences(host: VirtualHost): Reference[] {
  const found: Reference[] = [];
  addHost(found, host, "");
  return found;
}

/** The clusters that a route configuration routes to by name. */
export function routeReferences(config: RouteConfiguration, at = ""): Reference[] {
  const found: Reference[] = [];
  addMirrors(found, config.requestMirrorPolicies, at);
  config.virtualHosts.forEach((host, i) => {
    addHost(found, host, `${at}virtual_hosts[${i}].`);
  });
  return found;
}

/** RDS: a route configuration. */
export const routesType = defineResourceType({
  schema: RouteConfigurationSchema,
  label: "RDS",
  rank: 40,
  references: routeReferences,
  traits: (config) => (isOpaqueRoutes(config) ? OPAQUE : undefined),
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
  traits: (host) => (isOpaqueHost(host) ? OPAQUE : undefined),
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
