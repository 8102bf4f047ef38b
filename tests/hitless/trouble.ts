import { edsCluster, endpoints, type ResourceItem, typeUrls } from "rxds";
import type { Mode } from "../envoy/lab.js";
import { rejectionKinds } from "../envoy/rejection-kinds.js";
import {
  addRoute,
  type Change,
  removeRoute,
  renameCluster,
  replaceCluster,
  replaceEndpoints,
} from "./changes-clusters.js";
import { changeChain, moveWeights, reorder } from "./changes-routes.js";
import type { Random } from "./random.js";
import type { Step, Transition } from "./transition.js";
import { type World, withRoutes } from "./world.js";

/** Makes a transition that is more than one change. */
export type Trouble = (world: World, random: Random, mode: Mode) => Transition["steps"] | Promise<Transition["steps"]>;

const converged = { what: "converged" } as const;

/** What drains because of earlier transitions has time for it. */
export const untilDrained = (world: World): Step => ({ world, until: { what: "ms", ms: 1200 } });

/** How often a change is drawn again. */
const MOST_DRAWS = 100;

/** A change as it is drawn when what must stay does; one more route where there seems to be none like that. */
const sparing =
  (stays: (before: World, after: World) => boolean, change: Change): Change =>
  (world, random) => {
    for (let draws = 0; ; draws++) {
      const next = (draws < MOST_DRAWS ? change : addRoute)(world, random);
      if (stays(world, next)) return next;
    }
  };

const ownOf = ({ listeners }: World) => listeners.filter(({ routeConfig }) => routeConfig === undefined);

/** A change that leaves the listeners that have routes of their own as they are. */
export const sparingOwn = (change: Change): Change =>
  sparing((before, after) => JSON.stringify(ownOf(before)) === JSON.stringify(ownOf(after)), change);

/** A change that takes no cluster away that an older world does not have. */
const sparingNew = (older: World, change: Change): Change => {
  const namesOf = ({ clusters }: World) => clusters.map(({ name }) => name);
  const old = namesOf(older);
  return sparing(
    (before, after) => namesOf(before).every((name) => old.includes(name) || namesOf(after).includes(name)),
    change,
  );
};

/** Two snapshots, the second before the first can be in force. */
export const quickSuccession: Trouble = (world, random) => {
  const others: readonly Change[] = [
    replaceCluster,
    replaceEndpoints,
    addRoute,
    removeRoute,
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

/**
 * The control plane restarts in the middle, with the same snapshot or the next. With the next one in delta only: a new server does
 * not know what a client of the state of the world has, and can't keep it. Nor does it know what connections lead to that drain.
 * What it has not accepted yet does not go again.
 */
export const restart: Trouble = (world, random, mode) => {
  const first = sparingOwn(random.pick([renameCluster, addRoute, removeRoute]))(world, random);
  const then = random.pick([renameCluster, replaceEndpoints, reorder]);
  const isSame = mode === "sotw" || random.below(2) === 0;
  const second = isSame ? first : sparingNew(world, sparingOwn(then))(first, random);
  return [
    untilDrained(world),
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
    const bad = (of: World) =>
      withRoutes(of, (route) => (old in route.weights ? { ...route, weights: { [name]: 1 } } : route));
    const more = [await clusterKind.bad(name, 0)];
    const meanwhile = replaceEndpoints(later, random);
    return [
      { world: bad(later), more, routedBy: later, until: rejected(name, false) },
      { world: bad(meanwhile), more, routedBy: meanwhile, until: { what: "ms", ms: 150 } },
      { world: renameCluster(meanwhile, random), until: converged },
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
