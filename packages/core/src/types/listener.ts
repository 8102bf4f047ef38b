import type { Any } from "@bufbuild/protobuf/wkt";
import { type Listener, ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import type { FilterChain } from "@rxds/envoy-api/envoy/config/listener/v3/listener_components";
import { HttpConnectionManagerSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { TcpProxySchema } from "@rxds/envoy-api/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy";
import type { Reference, ResourceProblem, ResourceTraits } from "../resource/resource.js";
import { defineResourceType } from "../resource/resource-type.js";
import { addressProblems, addressText } from "./address.js";
import { OPAQUE } from "./opaque.js";
import { isOpaqueListener } from "./opaque-listener.js";
import { routeReferences } from "./route.js";
import { tlsReferences } from "./tls.js";
import { typeUrls } from "./type-urls.js";
import { unpack } from "./unpack.js";

function httpReferences(any: Any | undefined, at: string): Reference[] {
  const manager = unpack(any, HttpConnectionManagerSchema);
  if (manager === undefined) return [];
  const found: Reference[] = [];
  const routes = manager.routeSpecifier;
  if (routes.case === "rds") {
    const name = routes.value.routeConfigName;
    if (name !== "") found.push({ type: typeUrls.routes, name, path: `${at}.rds.route_config_name` });
  } else if (routes.case === "routeConfig") {
    found.push(...routeReferences(routes.value, `${at}.route_config.`));
  }
  manager.httpFilters.forEach((filter, i) => {
    if (filter.configType.case !== "configDiscovery") return;
    found.push({ type: typeUrls.extensionConfig, name: filter.name, path: `${at}.http_filters[${i}].name` });
  });
  return found;
}

function tcpReferences(any: Any | undefined, at: string): Reference[] {
  const proxy = unpack(any, TcpProxySchema);
  const target = proxy?.clusterSpecifier;
  if (target?.case === "cluster") return [{ type: typeUrls.cluster, name: target.value, path: `${at}.cluster` }];
  if (target?.case !== "weightedClusters") return [];
  return target.value.clusters.map((part, i) => ({
    type: typeUrls.cluster,
    name: part.name,
    path: `${at}.weighted_clusters.clusters[${i}].name`,
  }));
}

function chainReferences(chain: FilterChain, at: string): Reference[] {
  const found = tlsReferences(chain.transportSocket, `${at}.transport_socket`);
  chain.filters.forEach((filter, i) => {
    const path = `${at}.filters[${i}]`;
    if (filter.configType.case === "configDiscovery") {
      found.push({ type: typeUrls.extensionConfig, name: filter.name, path: `${path}.name` });
    }
    const any = filter.configType.case === "typedConfig" ? filter.configType.value : undefined;
    found.push(...httpReferences(any, `${path}.typed_config`), ...tcpReferences(any, `${path}.typed_config`));
  });
  return found;
}

function references(listener: Listener): Reference[] {
  const found = listener.filterChains.flatMap((chain, i) => chainReferences(chain, `filter_chains[${i}]`));
  if (listener.defaultFilterChain) found.push(...chainReferences(listener.defaultFilterChain, "default_filter_chain"));
  found.push(...httpReferences(listener.apiListener?.apiListener, "api_listener.api_listener"));
  return found;
}

function traits(listener: Listener): ResourceTraits | undefined {
  const bound = listener.bindToPort !== false;
  const all = [listener.address, ...listener.additionalAddresses.map((more) => more.address)];
  const addresses = all.map((address) => addressText(address, bound)).filter((text) => text !== undefined);
  const opaque = isOpaqueListener(listener);
  if (addresses.length === 0) return opaque ? OPAQUE : undefined;
  return opaque ? { addresses, opaque } : { addresses };
}

function problems(listener: Listener): ResourceProblem[] {
  const found: ResourceProblem[] = [];
  // An API listener has no socket, an internal one no address of its own.
  const bound = listener.apiListener === undefined && listener.listenerSpecifier.case !== "internalListener";
  if (bound) found.push(...addressProblems(listener.address, "address", "ip"));
  listener.additionalAddresses.forEach((more, i) => {
    found.push(...addressProblems(more.address, `additional_addresses[${i}].address`, "ip"));
  });
  return found;
}

/** LDS: a listener. */
export const listenerType = defineResourceType({
  schema: ListenerSchema,
  label: "LDS",
  rank: 30,
  fullState: true,
  references,
  traits,
  problems,
});
