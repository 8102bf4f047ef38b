import { create } from "@bufbuild/protobuf";
import {
  createResource,
  createSnapshot,
  edsCluster,
  endpoints,
  httpListener,
  type Resource,
  type RouteSpec,
  routes,
  type Snapshot,
  staticCluster,
  tcpListener,
} from "@rxds/core";
import { HealthCheckSchema } from "@rxds/envoy-api/envoy/config/core/v3/health_check";
import { VirtualHostSchema } from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import fc from "fast-check";

const CLUSTERS = ["a", "b", "c", "d", "e"];
const ROUTES = ["r0", "r1", "r2"];
const PORTS = [10_001, 10_002, 10_003];
const SECRETS = ["s0", "s1"];

/** How a cluster may be. */
export const cluster = fc.record({
  there: fc.boolean(),
  kind: fc.constantFrom("eds", "eds", "shared", "static", "checked", "tls"),
  value: fc.nat(1),
  endpoints: fc.nat(1),
  secret: fc.nat(1),
});
const lead = fc.record({ to: fc.nat(9), also: fc.option(fc.nat(9), { freq: 4 }), retry: fc.constantFrom(0, 0, 700) });
/** Where routes may lead, by weights to two clusters. */
export const routeConfig = fc.array(lead, { minLength: 1, maxLength: 3 });
/** What may be at an address. */
export const listener = fc.record({
  kind: fc.constantFrom("none", "rds", "rds", "rds", "inline", "tcp"),
  // Another name at the same address is a hand-over.
  name: fc.constantFrom("x", "x", "y"),
  to: fc.nat(9),
  value: fc.nat(1),
});

const numbers = (count: number) => fc.array(fc.nat(1), { minLength: count, maxLength: count });

/** A configuration in numbers: names that do not exist are taken modulo those that do. */
export const configuration = fc.record({
  clusters: fc.array(cluster, { minLength: CLUSTERS.length, maxLength: CLUSTERS.length }),
  routes: fc.array(routeConfig, { minLength: ROUTES.length, maxLength: ROUTES.length }),
  listeners: fc.array(listener, { minLength: PORTS.length, maxLength: PORTS.length }),
  secrets: numbers(SECRETS.length),
});

type Valid = typeof configuration extends fc.Arbitrary<infer T> ? T : never;

/** The same, with what may be wrong or not there yet. */
export interface Configuration extends Valid {
  /** Clusters, by their place, that clients reject. */
  readonly badClusters?: readonly number[];
  /** Clusters that have no endpoints yet; see `LATE`. */
  readonly unfed?: readonly number[];
  /** A listener that is always there, and whose routes are r0. Default: none. */
  readonly fixed?: Fixed;
}

/** What is always there may be rejected: the client has an older version of it. */
export interface Fixed {
  readonly value: number;
  readonly bad: boolean;
  readonly badRoutes: boolean;
}

/** From that one on clusters may be without endpoints for a while: so they have some of their own. */
export const LATE = 3;

const made = new Map<string, Resource>();

function resource(key: readonly unknown[], make: () => Parameters<typeof createResource>[0]): Resource {
  const text = JSON.stringify(key);
  let found = made.get(text);
  if (found === undefined) {
    found = createResource(make());
    made.set(text, found);
  }
  return found;
}

/** The snapshot that it stands for. */
export function snapshotOf(configuration: Configuration): Snapshot {
  const { clusters, routes: configs, listeners, secrets, fixed, badClusters = [], unfed = [] } = configuration;
  const names = CLUSTERS.filter((_, i) => clusters[i]?.there || i === 0);
  const pick = (at: number) => names[at % names.length]!;
  const items = secrets.map((value, i) => secretOf(SECRETS[i]!, value));
  clusters.forEach((spec, i) => {
    if (!names.includes(CLUSTERS[i]!)) return;
    const made = clusterOf(CLUSTERS[i]!, spec, badClusters.includes(i));
    items.push(...(unfed.includes(i) ? made.slice(0, 1) : made));
  });
  const used = new Set<string>(fixed && [ROUTES[0]!]);
  if (fixed !== undefined) items.push(fixedListener(fixed));
  listeners.forEach((spec, i) => {
    if (spec.kind === "rds") used.add(ROUTES[spec.to % ROUTES.length]!);
    items.push(...listenerOf(PORTS[i]!, spec, pick));
  });
  configs.forEach((leads, i) => {
    const name = ROUTES[i]!;
    if (used.has(name)) items.push(routesOf(name, leads, pick, i === 0 && fixed?.badRoutes === true));
  });
  return createSnapshot(new Map(items.map((item) => [`${item.type} ${item.name}`, item])).values());
}

function secretOf(name: string, value: number): Resource {
  const secret = { specifier: { case: "inlineString" as const, value: `${value}` } };
  return resource(["secret", name, value], () =>
    create(SecretSchema, { name, type: { case: "genericSecret", value: { secret } } }),
  );
}

function clusterOf(name: string, spec: Configuration["clusters"][number], bad: boolean): Resource[] {
  const { kind, value } = spec;
  const connectTimeoutMs = 1000 + value;
  if (kind === "static")
    return [
      resource([kind, name, value], () => staticCluster({ name, connectTimeoutMs, endpoints: ["127.0.0.1:9000"] })),
    ];
  const serviceName = kind === "shared" ? "shared" : name;
  const secret = SECRETS[spec.secret]!;
  const message = () => {
    const built = edsCluster({
      name,
      serviceName,
      connectTimeoutMs,
      ...(kind === "tls" && { tls: { validation: secret } }),
    });
    if (bad) delete built.edsClusterConfig;
    if (kind === "checked") built.healthChecks = [create(HealthCheckSchema)];
    return built;
  };
  const list = kind === "shared" ? 0 : spec.endpoints;
  return [
    resource([kind, name, value, kind === "tls" && secret, bad], message),
    resource(["endpoints", serviceName, list], () => endpoints(serviceName, [`127.0.0.1:${9001 + list}`])),
  ];
}

type Pick = (at: number) => string;

function routesOf(name: string, leads: Configuration["routes"][number], pick: Pick, bad: boolean): Resource {
  const to = leads.map(({ to, also, retry }) => ({
    clusters: [...new Set([pick(to), ...(also === null ? [] : [pick(also)])])],
    retry,
  }));
  return resource(["routes", name, to, bad], () => {
    const list = to.map(
      ({ clusters, retry }, i): RouteSpec => ({
        prefix: `/${i}`,
        ...(clusters.length === 1
          ? { cluster: clusters[0]! }
          : { weightedClusters: Object.fromEntries(clusters.map((name) => [name, 1])) }),
        ...(retry > 0 && { timeoutMs: retry, retry: { on: "5xx" } }),
      }),
    );
    const built = routes(name, [{ domains: ["*"], routes: list }]);
    // The same domain twice.
    if (bad) built.virtualHosts.push(create(VirtualHostSchema, { name: "twice", domains: ["*"] }));
    return built;
  });
}

function fixedListener({ value, bad }: Fixed): Resource {
  return resource(["fixed", value, bad], () => {
    const built = httpListener({ name: "fixed", port: 10_000, statPrefix: `${value}`, routeConfig: ROUTES[0]! });
    if (bad) built.filterChains = [];
    return built;
  });
}

function listenerOf(port: number, spec: Configuration["listeners"][number], pick: Pick): Resource[] {
  const { kind, to, value } = spec;
  const name = `${port}-${spec.name}`;
  const statPrefix = `${value}`;
  if (kind === "none") return [];
  const cluster = pick(to);
  const routeConfig = ROUTES[to % ROUTES.length]!;
  return [
    resource([kind, name, value, kind === "rds" ? routeConfig : cluster], () => {
      if (kind === "tcp") return tcpListener({ name, port, cluster, statPrefix });
      return httpListener({
        name,
        port,
        statPrefix,
        ...(kind === "rds" ? { routeConfig } : { routes: { "/": cluster } }),
      });
    }),
  ];
}
