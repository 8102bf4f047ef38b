import { CorsSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/cors/v3/cors";
import { apiListener, edsCluster, endpoints, routes, typedConfig, typeUrls } from "rxds";
import type { simple } from "./resources.js";

/** A resource that every gRPC client rejects, while Envoy may well take it. */
export interface Rejectable {
  readonly what: string;
  readonly type: string;
  /** What is different from `simple`. */
  readonly change: Partial<ReturnType<typeof simple>>;
  /** What the clients say of it, each in its own words. */
  readonly words: RegExp;
}

const cors = { name: "cors", typedConfig: typedConfig(CorsSchema, {}) };

/** Weights of 0 in sum: the builder refuses them, so they are written over its result. */
function withoutWeights() {
  const bad = routes("hello-routes", { "/": { weightedClusters: { web: 1 } } });
  for (const { action } of bad.virtualHosts.flatMap((host) => host.routes)) {
    if (action.case !== "route" || action.value.clusterSpecifier.case !== "weightedClusters") continue;
    for (const part of action.value.clusterSpecifier.value.clusters) part.weight = 0;
  }
  return bad;
}

/** A cluster with a policy that Envoy has, and gRPC has not. */
export const badCluster = () => edsCluster({ name: "web", lbPolicy: "MAGLEV" });

/** One of each type. */
export const rejectables: readonly Rejectable[] = [
  {
    what: "a listener with an HTTP filter that it does not have",
    type: typeUrls.listener,
    change: { listener: apiListener({ name: "hello", routeConfig: "hello-routes", httpFilters: [cors] }) },
    words: /filter/i,
  },
  {
    what: "routes to clusters whose weights are 0 together",
    type: typeUrls.routes,
    change: { routes: withoutWeights() },
    words: /weight/i,
  },
  {
    what: "a cluster with a load balancing policy that it does not have",
    type: typeUrls.cluster,
    change: { cluster: badCluster() },
    words: /lb.?policy|MAGLEV/i,
  },
  {
    what: "endpoints with a gap in their priorities",
    type: typeUrls.endpoints,
    change: { hosts: endpoints("web", [{ priority: 1, locality: {}, weight: 1, endpoints: ["127.0.0.1:9"] }]) },
    words: /priorit/i,
  },
];
