import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { AccessLogSchema } from "@rxds/envoy-api/envoy/config/accesslog/v3/accesslog";
import { FileAccessLogSchema } from "@rxds/envoy-api/envoy/extensions/access_loggers/file/v3/file";
import { HTTPFaultSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/fault/v3/fault";
import {
  type HttpConnectionManager,
  LocalReplyConfigSchema,
} from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import {
  edsCluster,
  endpoints,
  httpListener,
  type ResourceItem,
  routes,
  tlsCertificate,
  typedConfig,
  validationContext,
} from "rxds";
import type { Certificate } from "../core/certificates.js";
import { FAILURES_ONLY, LOG_LINE, REASON } from "./access-log.js";
import type { Cluster, Listener, World } from "./world.js";

/** What resources are made from beside the world. */
export interface Surroundings {
  /** By what the world calls them. */
  readonly ports: ReadonlyMap<string, number>;
  /** `ip:port` of each backend. */
  readonly addresses: Readonly<Record<string, string>>;
  /** How long Envoy holds each request before it looks for its cluster, in ms. */
  readonly delayMs: number;
  /** Where Envoy writes of requests that went wrong. */
  readonly accessLog: string;
  /** The authority that the backends' certificates come from. */
  readonly ca: string;
  /** Client certificates that a secret may hold. */
  readonly certificates: readonly Certificate[];
}

/** The secret that holds the authority. */
const AUTHORITY = "authority";

/** The resources of a world. Without the endpoints of the clusters that are `missing`. */
export function resourcesOf(world: World, around: Surroundings, missing: readonly string[] = []): ResourceItem[] {
  const there = world.clusters.filter(({ name }) => !missing.includes(name));
  return [
    validationContext(AUTHORITY, { ca: around.ca }),
    ...Object.entries(world.secrets).map(([name, index]) =>
      tlsCertificate(name, around.certificates[index % around.certificates.length]!),
    ),
    ...world.clusters.map(clusterOf),
    ...there.map(({ service, backends }) => endpoints(service, addressesOf(backends, around))),
    ...world.listeners.map((listener) => listenerOf(listener, around)),
    ...world.listeners.map(({ routeConfig, hosts }) =>
      routes(
        routeConfig,
        hosts.map((host) => ({
          domains: [host.domain],
          routes: host.routes.map(({ prefix, weights }) => ({ prefix, ...actionOf(weights) })),
        })),
      ),
    ),
  ];
}

function addressesOf(backends: readonly string[], { addresses }: Surroundings): string[] {
  return backends.map((backend) => addresses[backend]!);
}

function clusterOf({ name, service, connectTimeoutMs, lbPolicy, secret }: Cluster) {
  const tls = secret === undefined ? {} : { tls: { validation: AUTHORITY, certificate: secret, sni: "localhost" } };
  return edsCluster({ name, serviceName: service, connectTimeoutMs, lbPolicy, ...tls });
}

function actionOf(weights: Readonly<Record<string, number>>) {
  const [only, ...more] = Object.keys(weights);
  return only !== undefined && more.length === 0 ? { cluster: only } : { weightedClusters: weights };
}

function listenerOf(listener: Listener, { ports, delayMs, accessLog }: Surroundings) {
  const fault: MessageInitShape<typeof HTTPFaultSchema> = {
    delay: {
      faultDelaySecifier: { case: "fixedDelay", value: { nanos: delayMs * 1e6 } },
      percentage: { numerator: 100 },
    },
  };
  const message = httpListener({
    name: listener.name,
    port: ports.get(listener.port) ?? 0,
    routeConfig: listener.routeConfig,
    statPrefix: listener.statPrefix,
    httpFilters: [{ name: "envoy.filters.http.fault", typedConfig: typedConfig(HTTPFaultSchema, fault) }],
    customize: (manager) => tellsFailures(manager, accessLog),
  });
  message.perConnectionBufferLimitBytes = listener.bufferLimit;
  return message;
}

/** What Envoy answers itself says why; what it could not answer is in the access log. */
function tellsFailures(manager: HttpConnectionManager, path: string): void {
  manager.localReplyConfig = create(LocalReplyConfigSchema, { bodyFormat: { format: textFormat(REASON) } });
  const format = { format: textFormat(LOG_LINE) };
  const file = typedConfig(FileAccessLogSchema, { path, accessLogFormat: { case: "logFormat", value: format } });
  manager.accessLog.push(
    create(AccessLogSchema, {
      name: "envoy.access_loggers.file",
      filter: FAILURES_ONLY,
      configType: { case: "typedConfig", value: file },
    }),
  );
}

function textFormat(text: string) {
  return { case: "textFormatSource", value: { specifier: { case: "inlineString", value: text } } } as const;
}
