/** The type URLs of Envoy's own resource types. */
export const typeUrls = {
  /** CDS */
  cluster: "type.googleapis.com/envoy.config.cluster.v3.Cluster",
  /** EDS */
  endpoints: "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
  /** LDS */
  listener: "type.googleapis.com/envoy.config.listener.v3.Listener",
  /** RDS */
  routes: "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
  /** SRDS */
  scopedRoutes: "type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration",
  /** VHDS */
  virtualHost: "type.googleapis.com/envoy.config.route.v3.VirtualHost",
  /** SDS */
  secret: "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
  /** RTDS */
  runtime: "type.googleapis.com/envoy.service.runtime.v3.Runtime",
  /** ECDS */
  extensionConfig: "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
} as const;
