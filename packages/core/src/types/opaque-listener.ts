import type { Any } from "@bufbuild/protobuf/wkt";
import type { Listener } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import type { FilterChain } from "@rxds/envoy-api/envoy/config/listener/v3/listener_components";
import {
  type HttpConnectionManager,
  HttpConnectionManagerSchema,
} from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { TcpProxySchema } from "@rxds/envoy-api/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy";
import { namesNoCluster } from "./opaque.js";
import { isOpaqueRoutes } from "./opaque-routes.js";
import { unpack } from "./unpack.js";

/** A filter or log whose configuration stands in the message; one that comes over ECDS is a resource of its own. */
interface Extension {
  readonly configType:
    | { readonly case: "typedConfig"; readonly value: Any }
    | { readonly case: "configDiscovery" | undefined; readonly value?: unknown };
}

function configOf({ configType }: Extension): Any | undefined {
  return configType.case === "typedConfig" ? configType.value : undefined;
}

const anyOpaque = (extensions: readonly Extension[]): boolean =>
  !extensions.every((extension) => namesNoCluster(configOf(extension)));

function isOpaqueManager(manager: HttpConnectionManager): boolean {
  const routes = manager.routeSpecifier;
  // Which of the scopes it will use is not told.
  if (routes.case === "scopedRoutes" || (routes.case === "routeConfig" && isOpaqueRoutes(routes.value))) return true;
  if (manager.tracing?.provider !== undefined || anyOpaque(manager.accessLog)) return true;
  return anyOpaque(manager.httpFilters) || manager.upgradeConfigs.some(({ filters }) => anyOpaque(filters));
}

function isOpaqueFilter(any: Any | undefined): boolean {
  const manager = unpack(any, HttpConnectionManagerSchema);
  if (manager !== undefined) return isOpaqueManager(manager);
  const proxy = unpack(any, TcpProxySchema);
  return proxy === undefined ? !namesNoCluster(any) : anyOpaque(proxy.accessLog);
}

const isOpaqueChain = (chain: FilterChain): boolean => chain.filters.some((filter) => isOpaqueFilter(configOf(filter)));

/** Whether a listener may lead to clusters that it does not name. */
export function isOpaqueListener(listener: Listener): boolean {
  if (anyOpaque(listener.listenerFilters) || anyOpaque(listener.accessLog)) return true;
  if (listener.defaultFilterChain !== undefined && isOpaqueChain(listener.defaultFilterChain)) return true;
  return listener.filterChains.some(isOpaqueChain) || isOpaqueFilter(listener.apiListener?.apiListener);
}
