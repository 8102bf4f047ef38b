import type { Random } from "./random.js";
import {
  CATCH_ALL,
  type Cluster,
  freeBackends,
  hasRoom,
  type Route,
  routesOf,
  takeBackends,
  tidied,
  type World,
  withNewCluster,
  withRoutes,
} from "./world.js";

/** A change of the world that leaves every request routed that it does not take away on purpose. */
export type Change = (world: World, random: Random) => World;

/** With fewer, a new cluster speaks TLS. */
const FEWEST_SECRETS = 3;

/** A cluster is called otherwise, has other backends, and its routes go with it. */
export const renameCluster: Change = (world, random) => rename(world, random.pick(world.clusters));

/** The same of a cluster of one's choice. */
export function rename(world: World, old: Cluster): World {
  const added = withNewCluster(world, old.secret !== undefined);
  return tidied(withRoutes(added.world, (route) => renamed(route, old.name, added.name)));
}

function renamed(route: Route, from: string, to: string): Route {
  const weights = Object.entries(route.weights).map(([name, weight]) => [name === from ? to : name, weight] as const);
  return { ...route, weights: Object.fromEntries(weights) };
}

/** A cluster keeps its name and gets another setting, or is another service. */
export const replaceCluster: Change = (world, random) => {
  const old = random.pick(world.clusters);
  const what = random.pick(["timeout", "policy", "service"] as const);
  if (what === "timeout") return withCluster(world, { ...old, connectTimeoutMs: 1000 + random.below(8000) });
  if (what === "policy") {
    const others = (["ROUND_ROBIN", "LEAST_REQUEST", "RANDOM"] as const).filter((policy) => policy !== old.lbPolicy);
    return withCluster(world, { ...old, lbPolicy: random.pick(others) });
  }
  const next = withNewBackends(world, old);
  return withCluster(next.world, {
    ...old,
    backends: next.backends,
    service: `${old.name}-${world.count}`,
  });
};

/** One or all of a cluster's endpoints are others. */
export const replaceEndpoints: Change = (world, random) => {
  const old = random.pick(world.clusters);
  const next = withNewBackends(world, old);
  return withCluster(next.world, { ...old, backends: next.backends });
};

/** Its backends are free, and others are taken for it. */
function withNewBackends(world: World, { secret, backends }: Cluster): { world: World; backends: string[] } {
  const taken = takeBackends({ ...world, count: world.count + 1 }, secret !== undefined);
  return { ...taken, world: freeBackends(taken.world, secret !== undefined, backends) };
}

function withCluster(world: World, cluster: Cluster): World {
  return { ...world, clusters: world.clusters.map((old) => (old.name === cluster.name ? cluster : old)) };
}

/** A client certificate is renewed. Where there is none left, one comes with a new route. */
export const rotateSecret: Change = (world, random) => {
  const names = Object.keys(world.secrets);
  if (names.length === 0) return withNewRoute(world, random, true);
  const name = random.pick(names);
  return { ...world, secrets: { ...world.secrets, [name]: (world.secrets[name] ?? 0) + 1 } };
};

/** One more route, with a cluster of its own. Where there is no room for it, another one goes. */
export const addRoute: Change = (world, random) => {
  const tls = Object.keys(world.secrets).length < FEWEST_SECRETS || (hasRoom(world, true) && random.below(3) === 0);
  const rest = hasRoom(world, tls) ? world : withoutRoute(world, random);
  return withNewRoute(rest ?? world, random, tls);
};

function withNewRoute(world: World, random: Random, tls: boolean): World {
  const listener = random.pick(world.listeners);
  const { domain } = random.pick(listener.hosts);
  const added = withNewCluster(world, tls);
  const route: Route = { prefix: `/p${world.count}/`, weights: { [added.name]: 1 } };
  const listeners = added.world.listeners.map((one) => ({
    ...one,
    hosts: one.hosts.map((host) =>
      one.name === listener.name && host.domain === domain ? { ...host, routes: [...host.routes, route] } : host,
    ),
  }));
  return { ...added.world, listeners };
}

/**
 * A route is gone, and the clusters that only it led to: its requests go where the rest of its host does. Others of its host
 * stay; if there are none, one more comes instead.
 */
export const removeRoute: Change = (world, random) => withoutRoute(world, random) ?? addRoute(world, random);

function withoutRoute(world: World, random: Random): World | undefined {
  const uses = routesOf(world).flatMap(({ weights }) => Object.keys(weights));
  const isAlone = (name: string) => uses.filter((used) => used === name).length === 1;
  const removable = world.listeners
    .flatMap(({ hosts }) => hosts)
    .map(({ routes }) => routes.filter(({ prefix }) => prefix !== CATCH_ALL))
    .filter((routes) => routes.length > 1)
    .flat();
  if (removable.length === 0) return undefined;
  const alone = removable.filter(({ weights }) => Object.keys(weights).every(isAlone));
  const gone = random.pick(alone.length > 0 ? alone : removable);
  const listeners = world.listeners.map((listener) => ({
    ...listener,
    hosts: listener.hosts.map((host) => ({ ...host, routes: host.routes.filter((route) => route !== gone) })),
  }));
  return tidied({ ...world, listeners });
}
