import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { adsConfigSource, typedConfig } from "@rxds/core";
import type { FilterSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener_components";
import { HTTPFaultSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/fault/v3/fault";
import { RouterSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/router/v3/router";
import {
  HttpConnectionManagerSchema,
  type HttpFilter,
  HttpFilterSchema,
} from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import type { MeshSettings } from "../model/document.js";
import { once } from "./once.js";
import { rbacFilters } from "./rbac-filters.js";
import { FAULT } from "./route-rule.js";
import { accessLogs } from "./telemetry.js";

/** The network filter for HTTP: its routes, and with them all that changes often, come over RDS. */
export function httpManager(
  routeConfigName: string,
  side: "outbound" | "inbound",
  settings: MeshSettings | undefined,
): MessageInitShape<typeof FilterSchema> {
  const value = typedConfig(HttpConnectionManagerSchema, {
    // One set of statistics for all listeners: who called whom is told by the access loggers, and a set for each costs memory.
    statPrefix: side,
    routeSpecifier: { case: "rds", value: { configSource: adsConfigSource(), routeConfigName } },
    // Who calls is told in full where the connection comes from.
    accessLog: side === "outbound" ? accessLogs("http", settings) : [],
    httpFilters: [...rbacFilters(), ...(side === "outbound" ? [faultFilter()] : []), routerFilter()],
    // Long requests are limited by their routes, and by the workloads themselves.
    streamIdleTimeout: { seconds: 0n },
    upgradeConfigs: [{ upgradeType: "websocket" }],
  });
  return { name: "envoy.filters.network.http_connection_manager", configType: { case: "typedConfig", value } };
}

const faultFilter = once(() => filter(FAULT, typedConfig(HTTPFaultSchema, {})));
const routerFilter = once(() => filter("envoy.filters.http.router", typedConfig(RouterSchema, {})));

function filter(name: string, value: Any): HttpFilter {
  return create(HttpFilterSchema, { name, configType: { case: "typedConfig", value } });
}
