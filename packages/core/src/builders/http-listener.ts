import { create, isMessage } from "@bufbuild/protobuf";
import { TransportSocketSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import type { Listener } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import {
  HttpConnectionManager_UpgradeConfigSchema,
  HttpConnectionManagerSchema,
} from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { packAny } from "../encode/index.js";
import { accessLogs } from "./access-log.js";
import { type HttpManagerOptions, httpManager } from "./http-manager.js";
import { type ListenerOptions, singleFilterListener } from "./listener.js";

/** Options of {@link httpListener}; exactly one of `routeConfig` and `routes` is given. */
export interface HttpListenerOptions extends ListenerOptions, HttpManagerOptions {
  /** Protocols that a request may switch to, such as `"websocket"`. Default: none. */
  readonly upgrades?: readonly string[];
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
  const manager = httpManager(name, options, at);
  manager.statPrefix = options.statPrefix ?? name;
  manager.accessLog = accessLogs(options.accessLog);
  manager.upgradeConfigs = (options.upgrades ?? []).map((upgradeType) =>
    create(HttpConnectionManager_UpgradeConfigSchema, { upgradeType }),
  );
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
