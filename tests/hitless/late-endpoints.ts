import { rename, renameCluster } from "./changes-clusters.js";
import type { Random } from "./random.js";
import type { Step } from "./transition.js";
import { sparingOwn, type Trouble, untilDrained } from "./trouble.js";
import type { World } from "./world.js";

/** Longer than a request waits for its answer, in ms. */
const LONG_MS = 2500;
/** Envoy waits for so long for the endpoints of some clusters, in ms. */
const FETCH_TIMEOUT_MS = 200;

/**
 * A cluster is renamed, and its endpoints are known only later: within Envoy's patience or not, with its listener or not, and with a
 * restart of the control plane in between. In the state of the world they are known by then: a new server does not hear what Envoy
 * has.
 */
export const lateEndpoints: Trouble = (world, random, mode) => {
  const draw = random.below(4);
  if (draw === 0) return withListener(world, random);
  const next = (draw === 3 ? sparingOwn(renameCluster) : renameCluster)(world, random);
  const missing = newNames(world, next);
  if (draw === 1) return inTime(next, missing, 50 + random.below(350));
  const impatient = withFetchTimeout(next, missing);
  if (draw === 2) return inTime(impatient, missing, FETCH_TIMEOUT_MS + 100 + random.below(300));
  return [
    untilDrained(world),
    { world: impatient, missing, until: { what: "down", ms: 50, accepted: true } },
    ...inTime(impatient, mode === "sotw" ? [] : missing, 300 + random.below(300)),
  ];
};

const inTime = (world: World, missing: readonly string[], ms: number): readonly Step[] => [
  { world, missing, until: { what: "ms", ms } },
  { world, until: { what: "converged" } },
];

/** A listener that leads to it is renamed, too, and takes its routes from another route configuration, if they are not its own. */
function withListener(world: World, random: Random): readonly Step[] {
  const listener = random.pick(world.listeners);
  const names = listener.hosts.flatMap(({ routes }) => routes.flatMap(({ weights }) => Object.keys(weights)));
  const next = rename(world, random.pick(world.clusters.filter(({ name }) => names.includes(name))));
  const { count } = next;
  const routeConfig = listener.routeConfig === undefined ? undefined : `routes-${count}`;
  const listeners = next.listeners.map((one) =>
    one.port === listener.port ? { ...one, name: `listener-${count}`, routeConfig } : one,
  );
  return inTime({ ...next, listeners, count: count + 1 }, newNames(world, next), LONG_MS);
}

function newNames(before: World, after: World): string[] {
  const known = new Set(before.clusters.map(({ name }) => name));
  return after.clusters.map(({ name }) => name).filter((name) => !known.has(name));
}

function withFetchTimeout(world: World, names: readonly string[]): World {
  const clusters = world.clusters.map((cluster) =>
    names.includes(cluster.name) ? { ...cluster, fetchTimeoutMs: FETCH_TIMEOUT_MS } : cluster,
  );
  return { ...world, clusters };
}
