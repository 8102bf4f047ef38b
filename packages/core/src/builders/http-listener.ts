import { create, isMessage } from "@bufbuild/protobuf";
import { TransportSocketSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import type { Listener } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import { type RouteConfiguration, RouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/route";
import {
  type HttpConnectionManager,
  HttpConnectionManagerSchema,
  RdsSchema,
} from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { packAny } from "../encode/index.js";
import { accessLogs } from "./access-log.js";
import { exactlyOne } from "./builder-error.js";
import { adsConfigSource } from "./config-source.js";
import { type HttpFilterSpec, httpFilters } from "./http-filter.js";
import { type ListenerOptions, singleFilterListener } from "./listener.js";
import { type RoutesSpec, routes } from "./routes.js";

/** Options of {@link httpListener}; exactly one of `routeConfig` and `routes` is given. */
export interface HttpListenerOptions extends ListenerOptions {
  /** The name of a route configuration that comes over xDS (RDS over ADS); see `routes`. */
  readonly routeConfig?: string;
  /**
   * Routes that are part of the listener, as `routes` takes or returns them. Envoy then refuses the listener when a route
   * names a cluster that it does not have, and a change of routes replaces the listener: prefer `routeConfig`.
   */
  readonly routes?: RoutesSpec | RouteConfiguration;
  /** HTTP filters in their order; the router is appended. Default: the router alone. */
  readonly httpFilters?: readonly HttpFilterSpec[];
  /** Protocols that a request may switch to, such as `"websocket"`. Default: none. */
  readonly upgrades?: readonly string[];
  /** Changes the HTTP connection manager before it is packed, for what the options do not offer. */
  readonly customize?: (manager: HttpConnectionManager) => void;
}

/**
 * A listener for HTTP/1.1 and HTTP/2: one filter chain with an HTTP connection manager.
 *
 * ```ts
 * httpListener({ name: "ingress", port: 10000, routeConfig: "main" });
 * ```
 *
 * It listens on 127.0.0.1 unless `address` says otherwise. With `tls` given as options, ALPN offers `h2` and `http/1.1`
 * unless the options say otherwise.
 *
 * @throws BuilderError for an option that no client takes.
 */
export function httpListener(options: HttpListenerOptions): Listener {
  const { name, tls } = options;
  const at = `httpListener(${JSON.stringify(name)})`;
  const manager = create(HttpConnectionManagerSchema, {
    statPrefix: options.statPrefix ?? name,
    routeSpecifier: routeSpecifier(options, at),
    httpFilters: httpFilters(options.httpFilters ?? []),
    accessLog: accessLogs(options.accessLog),
    upgradeConfigs: (options.upgrades ?? []).map((upgradeType) => ({ upgradeType })),
  });
  options.customize?.(manager);
  const withAlpn =
    tls === undefined || isMessage(tls, TransportSocketSchema) ? {} : { tls: { alpn: ["h2", "http/1.1"], ...tls } };
  return singleFilterListener(
    { ...options, ...withAlpn },
    {
      name: "envoy.filters.network.http_connection_manager",
      typedConfig: packAny(HttpConnectionManagerSchema, manager),
    },
    at,
  );
}

function routeSpecifier(options: HttpListenerOptions, at: string): HttpConnectionManager["routeSpecifier"] {
  exactlyOne(options, ["routeConfig", "routes"], at);
  if (options.routes === undefined) {
    const value = create(RdsSchema, { configSource: adsConfigSource(), routeConfigName: options.routeConfig ?? "" });
    return { case: "rds", value };
  }
  const inline = options.routes;
  const value = isMessage(inline, RouteConfigurationSchema) ? inline : routes(options.name, inline);
  return { case: "routeConfig", value };
}
