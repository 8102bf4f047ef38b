import { edsCluster, endpoints, type ResourceItem, typeUrls } from "rxds";
import type { Mode } from "../envoy/lab.js";
import { rejectionKinds } from "../envoy/rejection-kinds.js";
import { addRoute, type Change, renameCluster, replaceCluster, replaceEndpoints } from "./changes-clusters.js";
import { changeChain, moveWeights, reorder } from "./changes-routes.js";
import type { Random } from "./random.js";
import type { Step, Transition } from "./transition.js";
import { type World, withRoutes } from "./world.js";

/** Makes a transition that is more than one change. */
export type Trouble = (world: World, random: Random, mode: Mode) => Transition["steps"] | Promise<Transition["steps"]>;

const converged = { what: "converged" } as const;

/** Two snapshots, the second before the first can be in force. */
export const quickSuccession: Trouble = (world, random) => {
  const others: readonly Change[] = [
    replaceCluster,
    replaceEndpoints,
    addRoute,
    moveWeights,
    changeChain,
    renameCluster,
  ];
  const [one, another] = random.shuffled([renameCluster, random.pick(others)]);
  const first = one!(world, random);
  const second = another!(first, random);
  return [
    { world: first, until: { what: "ms", ms: random.pick([0, 1, 10, 40]) } },
    { world: second, until: converged },
  ];
};

/** A cluster is renamed, and its endpoints are known only later. */
export const lateEndpoints: Trouble = (world, random) => {
  const next = renameCluster(world, random);
  const known = new Set(world.clusters.map(({ name }) => name));
  const missing = next.clusters.map(({ name }) => name).filter((name) => !known.has(name));
  return [
    { world: next, missing, until: { what: "ms", ms: 50 + random.below(350) } },
    { world: next, until: converged },
  ];
};

/**
 * The control plane restarts in the middle, with the same snapshot or the next. With the next one in delta only: a new server does
 * not know what a client of the state of the world has, and can't keep it.
 */
export const restart: Trouble = (world, random, mode) => {
  const first = random.pick([renameCluster, addRoute])(world, random);
  const second =
    mode === "sotw" || random.below(2) === 0
      ? first
      : random.pick([renameCluster, replaceEndpoints, reorder])(first, random);
  return [
    { world: first, until: { what: "down", ms: random.pick([0, 2, 10, 50, 150]) } },
    { world: second, until: converged },
  ];
};

/** Envoy rejects something new beside a change, or what a changed route needs. Then it is mended or gone. */
export const rejection: Trouble = async (world, random) => {
  const name = `bad-${world.count}`;
  const later = { ...world, count: world.count + 1 };
  const clusterKind = kindOf(typeUrls.cluster, "it can't be made");
  if (random.below(4) === 0) {
    const old = random.pick(world.clusters).name;
    const bad = withRoutes(later, (route) => (old in route.weights ? { ...route, weights: { [name]: 1 } } : route));
    return [
      { world: bad, more: [await clusterKind.bad(name, 0)], routedBy: world, until: rejected(name, false) },
      { world: renameCluster(later, random), until: converged },
    ];
  }
  const kind = random.pick([
    clusterKind,
    kindOf(typeUrls.listener, "it can't be made"),
    kindOf(typeUrls.endpoints, "a path is too long"),
  ]);
  const first = random.pick([renameCluster, moveWeights, reorder, replaceEndpoints])(later, random);
  const second = random.pick([renameCluster, moveWeights, replaceCluster])(first, random);
  const more = [...kind.of.frame(name), await kind.bad(name, 0)];
  const mended: ResourceItem[] = random.below(2) === 0 ? [] : [edsCluster({ name }), endpoints(name, [])];
  const steps: readonly Step[] = [
    { world: first, more, until: rejected(name, true) },
    { world: second, more: kind.of.type === typeUrls.listener ? [] : mended, until: converged },
  ];
  return steps;
};

const rejected = (name: string, rest: boolean) => ({ what: "rejected", name, rest }) as const;

function kindOf(type: string, reason: string) {
  const found = rejectionKinds.find((kind) => kind.of.type === type && kind.reason === reason);
  if (found === undefined) throw new Error(`no kind of rejection: ${type}, ${reason}`);
  return found;
}
