import type { Change } from "./changes-clusters.js";
import { renameCluster } from "./changes-clusters.js";
import type { Random } from "./random.js";
import {
  type Host,
  type Listener,
  type Route,
  routesOf,
  tidied,
  type World,
  withNewCluster,
  withRoutes,
} from "./world.js";

/** So many routes at most lead to more than one cluster. */
const MOST_SHARED = 4;

/**
 * Weights between clusters are moved: a second one joins, which is new or has routes of its own, the shares change, or one is
 * left, and the other is gone if nothing else leads there.
 */
export const moveWeights: Change = (world, random) => {
  const shared = routesOf(world).filter(({ weights }) => Object.keys(weights).length > 1);
  if (shared.length >= MOST_SHARED || (shared.length > 0 && random.below(2) === 0)) {
    const old = random.pick(shared);
    return tidied(withWeights(world, old, random.below(3) > 0 ? oneOf(old, random) : otherShares(old, random)));
  }
  const old = random.pick(routesOf(world));
  const joins =
    random.below(2) === 0 ? withNewCluster(world, false) : { world, name: otherCluster(world, old, random) };
  return withWeights(joins.world, old, { ...old.weights, [joins.name]: 1 + random.below(3) });
};

const oneOf = ({ weights }: Route, random: Random) => ({ [random.pick(Object.keys(weights))]: 1 });

const otherShares = ({ weights }: Route, random: Random) =>
  Object.fromEntries(Object.entries(weights).map(([name, share]) => [name, share + 1 + random.below(5)]));

function otherCluster({ clusters }: World, { weights }: Route, random: Random): string {
  return random.pick(clusters.map(({ name }) => name).filter((name) => !(name in weights)));
}

const withWeights = (world: World, old: Route, weights: Route["weights"]): World =>
  withRoutes(world, (route) => (route === old ? { ...route, weights } : route));

/** Virtual hosts, and the routes of each, stand in another order. */
export const reorder: Change = (world, random) => ({
  ...world,
  listeners: world.listeners.map((listener) => ({
    ...listener,
    hosts: random.shuffled(
      listener.hosts.map((host): Host => ({ ...host, routes: random.shuffled(host.routes).reverse() })),
    ),
  })),
});

/** A listener takes its routes from another route configuration; sometimes that leads to another cluster, too. */
export const replaceRouteConfig: Change = (world, random) => {
  const listener = random.pick(world.listeners.filter(({ routeConfig }) => routeConfig !== undefined));
  const next = withListener(world, listener, { routeConfig: `routes-${world.count}` });
  return random.below(2) === 0 ? next : renameCluster(next, random);
};

/** A listener is changed in place: its filter chain, or the whole. */
export const changeChain: Change = (world, random) => {
  const listener = random.pick(world.listeners);
  const whole = random.below(2) === 0;
  const part = whole ? { bufferLimit: listener.bufferLimit + 1 } : { statPrefix: `chain-${world.count}` };
  return withListener(world, listener, part);
};

/** A listener is called otherwise, on the same port. */
export const renameListener: Change = (world, random) => {
  const listener = random.pick(world.listeners);
  const takesOthers = listener.routeConfig !== undefined && random.below(3) === 0;
  const routeConfig = takesOthers ? { routeConfig: `routes-${world.count}` } : {};
  return withListener(world, listener, { name: `listener-${world.count}`, ...routeConfig });
};

function withListener(world: World, listener: Listener, change: Partial<Listener>): World {
  const listeners = world.listeners.map((one) => (one === listener ? { ...one, ...change } : one));
  return { ...world, count: world.count + 1, listeners };
}
