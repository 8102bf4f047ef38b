import type { RouteConfiguration } from "@rxds/envoy-api/envoy/config/route/v3/route";
import type { RouteAction, VirtualHost } from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import type { Way } from "./facts.js";

/** Where routes lead. */
export function waysOf({ virtualHosts }: RouteConfiguration): Way[] {
  return virtualHosts.flatMap((host) =>
    host.routes.flatMap(({ action }) => (action.case === "route" ? waysOfAction(action.value, host) : [])),
  );
}

function waysOfAction(action: RouteAction, host: VirtualHost): Way[] {
  const retries = action.retryPolicy !== undefined || host.retryPolicy !== undefined;
  const timeoutMs = action.timeout ? Number(action.timeout.seconds) * 1000 + action.timeout.nanos / 1e6 : 15_000;
  const retryMs = retries ? timeoutMs : 0;
  const { clusterSpecifier: target } = action;
  if (target.case === "cluster") return [{ cluster: target.value, retryMs }];
  if (target.case !== "weightedClusters") return [];
  return target.value.clusters.map(({ name }) => ({ cluster: name, retryMs }));
}

/** A domain that two virtual hosts have. */
export function duplicateDomains({ virtualHosts }: RouteConfiguration): string | undefined {
  const all = virtualHosts.flatMap(({ domains }) => domains);
  return all.find((domain, i) => all.indexOf(domain) !== i);
}
