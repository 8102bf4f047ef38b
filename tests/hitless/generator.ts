import type { Mode } from "../envoy/lab.js";
import {
  addRoute,
  type Change,
  removeRoute,
  renameCluster,
  replaceCluster,
  replaceEndpoints,
  rotateSecret,
} from "./changes-clusters.js";
import {
  changeChain,
  moveWeights,
  renameListener,
  reorder,
  replaceRouteConfig,
  toggleListener,
} from "./changes-routes.js";
import type { Random } from "./random.js";
import { inOneStep, type Transition } from "./transition.js";
import { lateEndpoints, quickSuccession, rejection, restart, type Trouble } from "./trouble.js";
import type { World } from "./world.js";

const changes: Readonly<Record<string, Change>> = {
  "cluster renamed": renameCluster,
  "cluster replaced": replaceCluster,
  "route removed": removeRoute,
  "route added": addRoute,
  "weights moved": moveWeights,
  reordered: reorder,
  "route configuration replaced": replaceRouteConfig,
  "filter chain changed": changeChain,
  "listener renamed": renameListener,
  "second listener": toggleListener,
  "endpoints replaced": replaceEndpoints,
  "secret rotated": rotateSecret,
};

const troubles: Readonly<Record<string, Trouble>> = {
  "endpoints late": lateEndpoints,
  rejection,
  restart,
  "quick succession": quickSuccession,
};

/** Every kind of transition. */
export const KINDS: readonly string[] = [...Object.keys(changes), ...Object.keys(troubles)];

/** Makes transitions one after the other: every kind once, in an order that is drawn, then all again. */
export function transitions(random: Random, only: readonly string[] = KINDS, mode: Mode = "delta") {
  let deck: string[] = [];
  /** The next one, from that world. */
  return async (world: World): Promise<Transition> => {
    if (deck.length === 0) deck = random.shuffled(only);
    const kind = deck.pop() ?? "";
    const change = changes[kind];
    if (change !== undefined) return inOneStep(kind, change(world, random));
    const trouble = troubles[kind];
    if (trouble === undefined) throw new Error(`no such kind of transition: ${kind}. There are: ${KINDS.join(", ")}`);
    return { kind, steps: await trouble(world, random, mode) };
  };
}
