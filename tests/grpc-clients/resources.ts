import { apiListener, edsCluster, endpoints, type ResourceItem, routes } from "rxds";
import type { Backend } from "./backend.js";

/** The channel's target, and the listener that it asks for. */
export const TARGET = "xds:///hello";

/** The listener of {@link TARGET}. */
export const listener = () => apiListener({ name: "hello", routeConfig: "hello-routes" });

/** Its routes: path prefixes to clusters. */
export const routesTo = (spec: Record<string, string>) => routes("hello-routes", spec);

/** The endpoints of a cluster, as gRPC wants them: with a locality and a weight. */
export const hosts = (name: string, { address }: Backend) =>
  endpoints(name, [{ locality: { zone: "a" }, weight: 1, endpoints: [address] }]);

/** A cluster of one backend. */
export const cluster = (name: string, backend: Backend): ResourceItem[] => [edsCluster({ name }), hosts(name, backend)];

/** A configuration of one cluster, `web`, by its parts. */
export const simple = (backend: Backend) => ({
  listener: listener(),
  routes: routesTo({ "/": "web" }),
  cluster: edsCluster({ name: "web" }),
  hosts: hosts("web", backend),
});
