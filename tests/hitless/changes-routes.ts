import type { Change } from "./changes-clusters.js";
import { renameCluster } from "./changes-clusters.js";
import type { Random } from "./random.js";
import { type Host, type Listener, routesOf, tidied, type World, withNewCluster, withRoutes } from "./world.js";

/** Weights between clusters are moved: a second one joins, the shares change, or one is left. */
export const moveWeights: Change = (world, random) => {
  const old = random.pick(routesOf(world));
  const weights = moved(old.weights, world, random);
  return tidied(withRoutes(world, (route) => (route === old ? { ...route, weights } : route)));
};

function moved(weights: Readonly<Record<string, number>>, world: World, random: Random): Record<string, number> {
  const names = Object.keys(weights);
  if (names.length === 1) {
    const others = world.clusters.map(({ name }) => name).filter((name) => !names.includes(name));
    return { ...weights, [random.pick(others)]: 1 + random.below(3) };
  }
  if (random.below(2) === 0) return { [random.pick(names)]: 1 };
  return Object.fromEntries(names.map((name) => [name, (weights[name] ?? 0) + 1 + random.below(5)]));
}

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
  const listener = random.pick(world.listeners);
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
  const routeConfig = random.below(3) === 0 ? { routeConfig: `routes-${world.count}` } : {};
  return withListener(world, listener, { name: `listener-${world.count}`, ...routeConfig });
};

/** A second listener comes, with a cluster of its own and one that exists; or it goes. */
export const toggleListener: Change = (world, random) => {
  if (world.listeners.length > 1) {
    return tidied({ ...world, listeners: world.listeners.slice(0, 1) });
  }
  const known = random.pick(world.clusters).name;
  const added = withNewCluster(world, false);
  const host: Host = {
    domain: "second.example",
    routes: [
      { prefix: "/own/", weights: { [added.name]: 1 } },
      { prefix: "/shared/", weights: { [known]: 1 } },
    ],
  };
  const second: Listener = {
    // Always another: one that was let go could be anybody's by now.
    port: `port-${world.count}`,
    name: `listener-${world.count}`,
    routeConfig: `routes-${world.count}`,
    hosts: [host],
    statPrefix: "second",
    bufferLimit: 1 << 20,
  };
  return { ...added.world, listeners: [...added.world.listeners, second] };
};

function withListener(world: World, listener: Listener, change: Partial<Listener>): World {
  const listeners = world.listeners.map((one) => (one === listener ? { ...one, ...change } : one));
  return { ...world, count: world.count + 1, listeners };
}
