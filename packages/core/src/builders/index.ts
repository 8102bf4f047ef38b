export type { AccessLogSpec, FileAccessLogSpec } from "./access-log.js";
export { type ApiListenerOptions, apiListener } from "./api-listener.js";
export { BuilderError, type BuilderErrorCode } from "./builder-error.js";
export type { ClusterOptions } from "./cluster.js";
export type { CertificateRef, CommonTlsOptions, ValidationRef } from "./common-tls-context.js";
export { adsConfigSource } from "./config-source.js";
export type { DirectResponseSpec } from "./direct-response.js";
export { type DnsClusterOptions, dnsCluster } from "./dns-cluster.js";
export { type DownstreamTlsOptions, downstreamTls } from "./downstream-tls.js";
export { type EdsClusterOptions, edsCluster } from "./eds-cluster.js";
export { type EndpointGroup, type EndpointSpec, type EndpointsSpec, endpoints } from "./endpoints.js";
export type { HeaderChanges } from "./header-changes.js";
export type { HealthCheckSpec } from "./health-check.js";
export type { HttpFilterSpec } from "./http-filter.js";
export { type HttpListenerOptions, httpListener } from "./http-listener.js";
export type { HttpManagerOptions } from "./http-manager.js";
export type { ListenerOptions } from "./listener.js";
export type { PemSource } from "./pem-source.js";
export type { RedirectSpec } from "./redirect.js";
export type { RetrySpec } from "./retry-policy.js";
export { type RouteSpec, route } from "./route.js";
export type { ForwardOptions, RouteActionSpec } from "./route-action.js";
export type { RouteMatchSpec } from "./route-match.js";
export { type RoutesSpec, routes } from "./routes.js";
export {
  type TlsCertificateOptions,
  tlsCertificate,
  type ValidationContextOptions,
  validationContext,
} from "./secret.js";
export { type StaticClusterOptions, staticCluster } from "./static-cluster.js";
export type { StringMatch, StringMatchOptions } from "./string-match.js";
export { type TcpListenerOptions, tcpListener } from "./tcp-listener.js";
export { type UpstreamTlsOptions, upstreamTls } from "./upstream-tls.js";
export { type PrefixMap, type RouteList, type VirtualHostSpec, virtualHost } from "./virtual-host.js";
export type { WeightedClusters } from "./weighted-clusters.js";
