/** The settings of a cluster that a change may replace under its name. */
export interface Cluster {
  readonly name: string;
  /** The name that its endpoints are asked for under. */
  readonly service: string;
  /** Who answers for it: names of backends, which no other cluster has. */
  readonly backends: readonly string[];
  readonly connectTimeoutMs: number;
  readonly lbPolicy: "ROUND_ROBIN" | "LEAST_REQUEST" | "RANDOM";
  /** The secret that holds its client certificate; undefined: plain text. */
  readonly secret: string | undefined;
}

/** Where the requests of one path lead. */
export interface Route {
  /** Its requests' paths: no two of a host begin alike, so that order changes nothing. */
  readonly prefix: string;
  readonly weights: Readonly<Record<string, number>>;
}

/** A virtual host. */
export interface Host {
  readonly domain: string;
  readonly routes: readonly Route[];
}

/** A listener with its route configuration. */
export interface Listener {
  /** Names the port that it listens on; the lab takes one that is free when it is needed first. */
  readonly port: string;
  readonly name: string;
  readonly routeConfig: string;
  readonly hosts: readonly Host[];
  /** Changes with its filter chain: Envoy drains the connections of that chain. */
  readonly statPrefix: string;
  /** Changes with the listener as a whole: Envoy drains all of its connections. */
  readonly bufferLimit: number;
}

/** What a snapshot is made of. A value: each change makes a new one. */
export interface World {
  readonly clusters: readonly Cluster[];
  readonly listeners: readonly Listener[];
  /** By the name of the secret: which of the certificates it holds. */
  readonly secrets: Readonly<Record<string, number>>;
  /** Backends that no cluster has, those that are free for the longest time first: their turn comes late. */
  readonly free: readonly string[];
  /** As `free`, of those that speak TLS. */
  readonly freeTls: readonly string[];
  /** Makes new names. */
  readonly count: number;
}

/** Backends of a cluster: two, so that none of them serves it alone. */
export const EACH = 2;

const HOSTS = ["a.example", "b.example", "c.example"];
/** Every third cluster speaks TLS. */
const isTls = (index: number) => index % 3 === 2;

/** The first world: three hosts with three paths, each with a cluster of its own. */
export function firstWorld(plain: readonly string[], tls: readonly string[]): World {
  let world: World = { clusters: [], listeners: [], secrets: {}, free: plain, freeTls: tls, count: 0 };
  const hosts = HOSTS.map((domain, h) => {
    const routes = [0, 1, 2].map((r): Route => {
      const added = withNewCluster(world, isTls(h + r));
      world = added.world;
      return { prefix: `/p${r}/`, weights: { [added.name]: 1 } };
    });
    return { domain, routes };
  });
  const first: Listener = {
    port: "first",
    name: "first",
    routeConfig: "main",
    hosts,
    statPrefix: "first",
    bufferLimit: 1 << 20,
  };
  return { ...world, listeners: [first] };
}

/** One more cluster, with backends that were free and, when it speaks TLS, a secret of its own. */
export function withNewCluster(world: World, tls: boolean): { readonly world: World; readonly name: string } {
  const { count } = world;
  const name = `cluster-${count}`;
  const secret = tls ? `secret-${count}` : undefined;
  const { backends, world: rest } = takeBackends({ ...world, count: count + 1 }, tls);
  const cluster: Cluster = {
    name,
    service: name,
    backends,
    connectTimeoutMs: 5000,
    lbPolicy: "ROUND_ROBIN",
    secret,
  };
  const secrets = secret === undefined ? rest.secrets : { ...rest.secrets, [secret]: 0 };
  return { name, world: { ...rest, secrets, clusters: [...rest.clusters, cluster] } };
}

/** Takes backends that are free. @throws Error when there are too few. */
export function takeBackends(world: World, tls: boolean): { readonly world: World; readonly backends: string[] } {
  const pool = tls ? "freeTls" : "free";
  const backends = world[pool].slice(0, EACH);
  if (backends.length < EACH) throw new Error(`too few backends are free (${pool})`);
  return { backends, world: { ...world, [pool]: world[pool].slice(EACH) } };
}

/** Gives backends back. */
export function freeBackends(world: World, tls: boolean, backends: readonly string[]): World {
  const pool = tls ? "freeTls" : "free";
  return { ...world, [pool]: [...world[pool], ...backends] };
}

/** The world without clusters that no route leads to, and without secrets that no cluster uses. */
export function tidied(world: World): World {
  const used = new Set(routesOf(world).flatMap(({ weights }) => Object.keys(weights)));
  const gone = world.clusters.filter(({ name }) => !used.has(name));
  const clusters = world.clusters.filter(({ name }) => used.has(name));
  const kept = new Set(clusters.map(({ secret }) => secret));
  const secrets = Object.fromEntries(Object.entries(world.secrets).filter(([name]) => kept.has(name)));
  const without: World = { ...world, clusters, secrets };
  return gone.reduce<World>(
    (rest, { secret, backends }) => freeBackends(rest, secret !== undefined, backends),
    without,
  );
}

/** Every route of every listener. */
export function routesOf({ listeners }: World): Route[] {
  return listeners.flatMap(({ hosts }) => hosts.flatMap(({ routes }) => routes));
}

/** The world with every route changed by a function. */
export function withRoutes(world: World, change: (route: Route) => Route): World {
  const listeners = world.listeners.map((listener) => ({
    ...listener,
    hosts: listener.hosts.map((host) => ({ ...host, routes: host.routes.map(change) })),
  }));
  return { ...world, listeners };
}
