import type { Change } from "./changes-clusters.js";
import {
  CATCH_ALL,
  type Host,
  type Listener,
  newListener,
  type Route,
  tidied,
  type World,
  withNewCluster,
} from "./world.js";

/** What the second listener serves. */
const DOMAIN = "second.example";

/** The host and the path by which the cluster of the second listener can be had at the first one. */
const BESIDE = { domain: "a.example", prefix: "/second/" };

/**
 * One more listener comes, sometimes with routes of its own, with a cluster that is new and also has a path at the first listener,
 * and one that exists; or it goes, with that path.
 */
export const toggleListener: Change = (world, random) => {
  const more = world.listeners.find(({ hosts }) => hosts[0]?.domain === DOMAIN);
  if (more !== undefined) {
    const rest = { ...world, listeners: world.listeners.filter((listener) => listener !== more) };
    return tidied(withBeside(rest, (routes) => routes.filter(({ prefix }) => prefix !== BESIDE.prefix)));
  }
  const known = random.pick(world.clusters).name;
  const added = withNewCluster(world, false);
  const weights = { [added.name]: 1 };
  const host: Host = {
    domain: DOMAIN,
    routes: [
      { prefix: "/own/", weights },
      { prefix: CATCH_ALL, weights: { [known]: 1 } },
    ],
  };
  const second: Listener = {
    ...newListener(`listener-${world.count}`),
    // Always another: one that was let go could be anybody's by now.
    port: `port-${world.count}`,
    routeConfig: random.below(2) === 0 ? undefined : `routes-${world.count}`,
    hosts: [host],
  };
  const beside = withBeside(added.world, (routes) => [...routes, { prefix: BESIDE.prefix, weights }]);
  return { ...beside, listeners: [...beside.listeners, second] };
};

/** The world with other routes of the host at the first listener. */
function withBeside(world: World, change: (routes: readonly Route[]) => readonly Route[]): World {
  const listeners = world.listeners.map((listener) => ({
    ...listener,
    hosts: listener.hosts.map((host) =>
      host.domain === BESIDE.domain ? { ...host, routes: change(host.routes) } : host,
    ),
  }));
  return { ...world, listeners };
}
