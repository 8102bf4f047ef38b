import { typeUrls } from "@rxds/core";

/** The aggregated service: one stream for all types. */
export const AGGREGATED = "envoy.service.discovery.v3.AggregatedDiscoveryService";

/** Envoy's discovery services and the type that each serves; undefined: all. VHDS has no state-of-the-world method. */
export const DISCOVERY_SERVICES: readonly (readonly [service: string, typeUrl: string | undefined])[] = [
  [AGGREGATED, undefined],
  ["envoy.service.cluster.v3.ClusterDiscoveryService", typeUrls.cluster],
  ["envoy.service.endpoint.v3.EndpointDiscoveryService", typeUrls.endpoints],
  ["envoy.service.listener.v3.ListenerDiscoveryService", typeUrls.listener],
  ["envoy.service.route.v3.RouteDiscoveryService", typeUrls.routes],
  ["envoy.service.route.v3.ScopedRoutesDiscoveryService", typeUrls.scopedRoutes],
  ["envoy.service.route.v3.VirtualHostDiscoveryService", typeUrls.virtualHost],
  ["envoy.service.secret.v3.SecretDiscoveryService", typeUrls.secret],
  ["envoy.service.runtime.v3.RuntimeDiscoveryService", typeUrls.runtime],
  ["envoy.service.extension.v3.ExtensionConfigDiscoveryService", typeUrls.extensionConfig],
];
