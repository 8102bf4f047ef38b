import { create, isMessage } from "@bufbuild/protobuf";
import {
  type RetryPolicy,
  type Route,
  RouteSchema,
  type VirtualHost,
  VirtualHost_TlsRequirementType,
  VirtualHostSchema,
} from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { BuilderError } from "./builder-error.js";
import { type HeaderChanges, headerFields } from "./header-changes.js";
import { type RetrySpec, retryPolicy } from "./retry-policy.js";
import { buildRoute, type RouteSpec } from "./route.js";
import type { RouteActionSpec } from "./route-action.js";

/**
 * Path prefixes, each with a `/` at the beginning, and where they lead: the name of a cluster or any action. Longer prefixes come first in the built list,
 * because a client takes the first route that matches; the order in which they are written does not matter.
 */
export type PrefixMap = Readonly<Record<string, string | RouteActionSpec>>;

/** Routes: a map of prefixes, or a list whose order counts: the first that matches is taken. */
export type RouteList = PrefixMap | readonly (RouteSpec | Route)[];

/** A virtual host. */
export interface VirtualHostSpec {
  /** The hosts (Host or :authority header) that it serves, such as `"example.com"`, `"*.example.com"`. Default: `["*"]`. */
  readonly domains?: readonly string[];
  /** A name, for statistics. Default: the first domain. */
  readonly name?: string;
  /** Its routes. */
  readonly routes: RouteList;
  /** Whether a request in plain text is redirected to https. Default: false. */
  readonly requireTls?: boolean;
  /** When requests are tried again, for routes that do not say. Default: never. */
  readonly retry?: RetrySpec | RetryPolicy;
  /** Changes of requests' headers, after those of the route. Default: none. */
  readonly requestHeaders?: HeaderChanges;
  /** Changes of responses' headers, after those of the route. Default: none. */
  readonly responseHeaders?: HeaderChanges;
}

/**
 * One virtual host of a route configuration.
 *
 * ```ts
 * virtualHost({ domains: ["example.com"], routes: { "/": "web", "/api": "api" } });
 * ```
 *
 * @throws BuilderError for an option that no client takes.
 */
export function virtualHost(spec: VirtualHostSpec): VirtualHost {
  return buildVirtualHost(spec, "virtualHost");
}

/** As {@link virtualHost}; `path` says where in a greater whole, for errors. */
export function buildVirtualHost(spec: VirtualHostSpec, path: string): VirtualHost {
  const { domains = ["*"] } = spec;
  const name = spec.name || domains[0];
  if (!name) throw new BuilderError("missing-option", `${path}.domains`, "a domain");
  const { NONE, ALL } = VirtualHost_TlsRequirementType;
  return create(VirtualHostSchema, {
    name,
    domains: [...domains],
    routes: isList(spec.routes)
      ? listedRoutes(spec.routes, `${path}.routes`)
      : prefixRoutes(spec.routes, `${path}.routes`),
    requireTls: spec.requireTls ? ALL : NONE,
    retryPolicy: retryPolicy(spec.retry, `${path}.retry`),
    ...headerFields(spec.requestHeaders, spec.responseHeaders),
  });
}

function listedRoutes(list: readonly (RouteSpec | Route)[], path: string): Route[] {
  return list.map((item, i) => (isMessage(item, RouteSchema) ? item : buildRoute(item, `${path}[${i}]`)));
}

function prefixRoutes(map: PrefixMap, path: string): Route[] {
  const entries = Object.entries(map).sort(([a], [b]) => b.length - a.length || (a < b ? -1 : 1));
  return entries.map(([prefix, target]) => {
    const action = typeof target === "string" ? { cluster: target } : target;
    return buildRoute({ ...action, prefix }, `${path}[${JSON.stringify(prefix)}]`);
  });
}

function isList(routes: RouteList): routes is readonly (RouteSpec | Route)[] {
  return Array.isArray(routes);
}
