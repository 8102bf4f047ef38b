import { create } from "@bufbuild/protobuf";
import { type Route, RouteSchema } from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { type HeaderChanges, headerFields } from "./header-changes.js";
import { type RouteActionSpec, routeAction } from "./route-action.js";
import { type RouteMatchSpec, routeMatch } from "./route-match.js";

/** A route: which requests it takes, where it leads, and what changes on the way. */
export interface RouteSpec extends RouteMatchSpec, RouteActionSpec {
  /** A name, for statistics and logs. Default: none. */
  readonly name?: string;
  /** Changes of the request's headers. Default: none. */
  readonly requestHeaders?: HeaderChanges;
  /** Changes of the response's headers. Default: none. */
  readonly responseHeaders?: HeaderChanges;
}

/**
 * One route of a virtual host.
 *
 * ```ts
 * route({ prefix: "/api", methods: "GET", cluster: "api", timeoutMs: 3000, retry: { on: "5xx", count: 2 } });
 * route({ path: "/old", redirect: { path: "/new" } });
 * ```
 *
 * @throws BuilderError for an option that no client takes.
 */
export function route(spec: RouteSpec): Route {
  return buildRoute(spec, "route");
}

/** As {@link route}; `path` says where in a greater whole, for errors. */
export function buildRoute(spec: RouteSpec, path: string): Route {
  const built = create(RouteSchema, {
    name: spec.name ?? "",
    match: routeMatch(spec, path),
    ...headerFields(spec.requestHeaders, spec.responseHeaders),
  });
  built.action = routeAction(spec, path);
  return built;
}
