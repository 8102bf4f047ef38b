import { create, isMessage } from "@bufbuild/protobuf";
import { type RouteConfiguration, RouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/route";
import {
  type Route,
  type VirtualHost,
  VirtualHostSchema,
} from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { BuilderError } from "./builder-error.js";
import type { RouteSpec } from "./route.js";
import { buildVirtualHost, type PrefixMap, type VirtualHostSpec } from "./virtual-host.js";

/**
 * What a route configuration is made of: a map of path prefixes or a list of routes, for all hosts; or a list of virtual
 * hosts.
 */
export type RoutesSpec = PrefixMap | readonly (RouteSpec | Route)[] | readonly (VirtualHostSpec | VirtualHost)[];

/**
 * A route configuration (RDS).
 *
 * ```ts
 * routes("main", { "/": "web", "/api": { cluster: "api", timeoutMs: 3000 } });
 * routes("main", [{ path: "/", cluster: "web" }, { regex: "/v\\d+/.*", cluster: "api" }]);
 * routes("main", [{ domains: ["example.com"], routes: { "/": "web" } }]);
 * ```
 *
 * In a map, longer prefixes come first, however it is written; lists keep their order. A client takes the first route that
 * matches.
 *
 * @throws BuilderError for an option that no client takes, and for a domain that two virtual hosts have.
 */
export function routes(name: string, spec: RoutesSpec): RouteConfiguration {
  const at = `routes(${JSON.stringify(name)})`;
  const virtualHosts = isHostList(spec)
    ? spec.map((host, i) => (isMessage(host, VirtualHostSchema) ? host : buildVirtualHost(host, `${at}[${i}]`)))
    : [buildVirtualHost({ name, routes: spec }, at)];
  checkDomains(virtualHosts, at);
  return create(RouteConfigurationSchema, { name, virtualHosts });
}

function isHostList(spec: RoutesSpec): spec is readonly (VirtualHostSpec | VirtualHost)[] {
  return Array.isArray(spec) && spec.length > 0 && spec.every((item) => "routes" in item);
}

/** Envoy refuses a route configuration in which a domain occurs twice, without regard to case. */
function checkDomains(hosts: readonly VirtualHost[], at: string): void {
  const seen = new Set<string>();
  for (const domain of hosts.flatMap((host) => host.domains)) {
    const key = domain.toLowerCase();
    if (seen.has(key)) throw new BuilderError("duplicate-domain", at, "each domain in one virtual host only", domain);
    seen.add(key);
  }
}
