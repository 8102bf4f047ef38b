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
  /** For how long Envoy waits for its endpoints until it goes on without. Default: Envoy's, 15 s. */
  readonly fetchTimeoutMs?: number;
}

/** Where the requests of one path lead. */
export interface Route {
  /** Its requests' paths. No two of a host begin alike, so that order changes nothing; but for {@link CATCH_ALL}, which is last. */
  readonly prefix: string;
  readonly weights: Readonly<Record<string, number>>;
}

/** The prefix of what no other route of its host takes: so requests go somewhere when a route comes or goes. */
export const CATCH_ALL = "/";

/** A virtual host. Each has a route for all that no other takes. */
export interface Host {
  readonly domain: string;
  readonly routes: readonly Route[];
}

/** A listener with its routes. */
export interface Listener {
  /** Names the port that it listens on; the lab takes one that is free when it is needed first. */
  readonly port: string;
  readonly name: string;
  /** The name of its route configuration; undefined: its routes are its own, and change with it. */
  readonly routeConfig: string | undefined;
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
/** Whoever has been let go is not wanted at once again: so many backends of a sort are never all in use. */
const SPARE = 8 * EACH;

/** Every third cluster speaks TLS. */
const isTls = (index: number) => index % 3 === 2;

/**
 * The first world: a listener with a route configuration of three hosts, and one with routes of its own. Each host has some paths
 * and what is left, each with a cluster of its own.
 */
export function firstWorld(plain: readonly string[], tls: readonly string[]): World {
  let world: World = { clusters: [], listeners: [], secrets: {}, free: plain, freeTls: tls, count: 0 };
  const hostOf = (domain: string, prefixes: readonly string[], h: number): Host => ({
    domain,
    routes: prefixes.map((prefix, r) => {
      const added = withNewCluster(world, isTls(h + r));
      world = added.world;
      return { prefix, weights: { [added.name]: 1 } };
    }),
  });
  const hosts = ["a.example", "b.example", "c.example"].map((domain, h) =>
    hostOf(domain, ["/p0/", "/p1/", "/p2/", CATCH_ALL], h),
  );
  const own = hostOf("own.example", ["/p0/", "/p1/", CATCH_ALL], 0);
  const listeners: readonly Listener[] = [
    { ...newListener("first"), routeConfig: "main", hosts },
    { ...newListener("own"), hosts: [own] },
  ];
  return { ...world, listeners };
}

/** A listener at a port that is called like it, without hosts. */
export function newListener(name: string): Listener {
  return { port: name, name, routeConfig: undefined, hosts: [], statPrefix: name, bufferLimit: 1 << 20 };
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

/** Whether there are backends for more clusters than there are. */
export function hasRoom({ free, freeTls }: World, tls: boolean): boolean {
  return (tls ? freeTls : free).length > SPARE;
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
