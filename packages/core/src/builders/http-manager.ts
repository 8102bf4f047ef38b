import { create, isMessage } from "@bufbuild/protobuf";
import { type RouteConfiguration, RouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/route";
import {
  type HttpConnectionManager,
  HttpConnectionManagerSchema,
  RdsSchema,
} from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { exactlyOne } from "./builder-error.js";
import { adsConfigSource } from "./config-source.js";
import { type HttpFilterSpec, httpFilters } from "./http-filter.js";
import { type RoutesSpec, routes } from "./routes.js";

/** What all listeners for HTTP have in common; exactly one of `routeConfig` and `routes` is given. */
export interface HttpManagerOptions {
  /** The name of a route configuration that comes over xDS (RDS over ADS); see `routes`. */
  readonly routeConfig?: string;
  /**
   * Routes that are part of the listener, as `routes` takes or returns them. Envoy then refuses the listener when a route
   * names a cluster that it does not have, and a change of routes replaces the listener: prefer `routeConfig`.
   */
  readonly routes?: RoutesSpec | RouteConfiguration;
  /** HTTP filters in their order; the router is appended. Default: the router alone. */
  readonly httpFilters?: readonly HttpFilterSpec[];
  /** Changes the HTTP connection manager before it is packed, for what the options do not offer. */
  readonly customize?: (manager: HttpConnectionManager) => void;
}

/** The HTTP connection manager of the listener `name`, before `customize`. `at` names the builder, for errors. */
export function httpManager(name: string, options: HttpManagerOptions, at: string): HttpConnectionManager {
  return create(HttpConnectionManagerSchema, {
    statPrefix: name,
    routeSpecifier: routeSpecifier(name, options, at),
    httpFilters: httpFilters(options.httpFilters ?? []),
  });
}

function routeSpecifier(
  name: string,
  options: HttpManagerOptions,
  at: string,
): HttpConnectionManager["routeSpecifier"] {
  exactlyOne(options, ["routeConfig", "routes"], at);
  if (options.routes === undefined) {
    const value = create(RdsSchema, { configSource: adsConfigSource(), routeConfigName: options.routeConfig ?? "" });
    return { case: "rds", value };
  }
  const inline = options.routes;
  const value = isMessage(inline, RouteConfigurationSchema) ? inline : routes(name, inline);
  return { case: "routeConfig", value };
}
