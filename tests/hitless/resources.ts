import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
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
import { CATCH_ALL, type Cluster, type Host, type Listener, type World } from "./world.js";

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
    ...world.listeners.flatMap(({ routeConfig, hosts }) =>
      routeConfig === undefined ? [] : [routes(routeConfig, hosts.map(hostOf))],
    ),
  ];
}

/** The first route that fits is taken: so the one that always fits is last. */
function hostOf({ domain, routes }: Host) {
  const last = routes.filter(({ prefix }) => prefix === CATCH_ALL);
  const inOrder = [...routes.filter((route) => !last.includes(route)), ...last];
  return { domains: [domain], routes: inOrder.map(({ prefix, weights }) => ({ prefix, ...actionOf(weights) })) };
}

function addressesOf(backends: readonly string[], { addresses }: Surroundings): string[] {
  return backends.map((backend) => addresses[backend]!);
}

function clusterOf({ name, service, connectTimeoutMs, lbPolicy, secret, fetchTimeoutMs }: Cluster) {
  const tls = secret === undefined ? {} : { tls: { validation: AUTHORITY, certificate: secret, sni: "localhost" } };
  const message = edsCluster({ name, serviceName: service, connectTimeoutMs, lbPolicy, ...tls });
  const source = message.edsClusterConfig?.edsConfig;
  if (source !== undefined && fetchTimeoutMs !== undefined) {
    source.initialFetchTimeout = create(DurationSchema, { nanos: fetchTimeoutMs * 1e6 });
  }
  return message;
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
    ...(listener.routeConfig === undefined
      ? { routes: listener.hosts.map(hostOf) }
      : { routeConfig: listener.routeConfig }),
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
