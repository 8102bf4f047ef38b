import type { Any } from "@bufbuild/protobuf/wkt";
import type { ResourceTraits } from "../resource/resource.js";

/** Of a resource of which nothing else is to be told. */
export const OPAQUE: ResourceTraits & { readonly opaque: true } = { opaque: true };

const HTTP = "envoy.extensions.filters.http";
const NETWORK = "envoy.extensions.filters.network";
const LISTENER = "envoy.extensions.filters.listener";

/**
 * Extensions that lead no traffic to a cluster. A type that is missing here is taken for one that does: what holds it then
 * waits for more than it has to, no harm else.
 */
const SELF_CONTAINED: ReadonlySet<string> = new Set([
  "envoy.extensions.access_loggers.file.v3.FileAccessLog",
  "envoy.extensions.access_loggers.stream.v3.StderrAccessLog",
  "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog",
  `${HTTP}.adaptive_concurrency.v3.AdaptiveConcurrency`,
  `${HTTP}.admission_control.v3.AdmissionControl`,
  `${HTTP}.bandwidth_limit.v3.BandwidthLimit`,
  `${HTTP}.basic_auth.v3.BasicAuth`,
  `${HTTP}.buffer.v3.Buffer`,
  `${HTTP}.buffer.v3.BufferPerRoute`,
  `${HTTP}.compressor.v3.Compressor`,
  `${HTTP}.compressor.v3.CompressorPerRoute`,
  `${HTTP}.cors.v3.Cors`,
  `${HTTP}.cors.v3.CorsPolicy`,
  `${HTTP}.csrf.v3.CsrfPolicy`,
  `${HTTP}.decompressor.v3.Decompressor`,
  `${HTTP}.fault.v3.HTTPFault`,
  `${HTTP}.grpc_http1_bridge.v3.Config`,
  `${HTTP}.grpc_stats.v3.FilterConfig`,
  `${HTTP}.grpc_web.v3.GrpcWeb`,
  `${HTTP}.header_mutation.v3.HeaderMutation`,
  `${HTTP}.header_mutation.v3.HeaderMutationPerRoute`,
  `${HTTP}.header_to_metadata.v3.Config`,
  `${HTTP}.health_check.v3.HealthCheck`,
  `${HTTP}.local_ratelimit.v3.LocalRateLimit`,
  `${HTTP}.rbac.v3.RBAC`,
  `${HTTP}.rbac.v3.RBACPerRoute`,
  `${HTTP}.router.v3.Router`,
  `${HTTP}.set_metadata.v3.Config`,
  `${LISTENER}.http_inspector.v3.HttpInspector`,
  `${LISTENER}.local_ratelimit.v3.LocalRateLimit`,
  `${LISTENER}.original_dst.v3.OriginalDst`,
  `${LISTENER}.original_src.v3.OriginalSrc`,
  `${LISTENER}.proxy_protocol.v3.ProxyProtocol`,
  `${LISTENER}.tls_inspector.v3.TlsInspector`,
  `${NETWORK}.connection_limit.v3.ConnectionLimit`,
  `${NETWORK}.direct_response.v3.Config`,
  `${NETWORK}.local_ratelimit.v3.LocalRateLimit`,
  `${NETWORK}.rbac.v3.RBAC`,
]);

/** Whether an extension's configuration is known to lead to no cluster. */
export function namesNoCluster(any: Any | undefined): boolean {
  return any === undefined || SELF_CONTAINED.has(any.typeUrl.slice(any.typeUrl.lastIndexOf("/") + 1));
}
