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
import { changeChain, moveWeights, renameListener, reorder, replaceRouteConfig } from "./changes-routes.js";
import { lateEndpoints } from "./late-endpoints.js";
import type { Random } from "./random.js";
import { toggleListener } from "./second-listener.js";
import { inOneStep, type Transition } from "./transition.js";
import { quickSuccession, rejection, restart, type Trouble } from "./trouble.js";
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

/**
 * Makes transitions one after the other: every kind once, in an order that is drawn, then all again.
 *
 * @param isOver Whether there are to be no more of a kind.
 */
export function transitions(
  random: Random,
  only: readonly string[] = KINDS,
  mode: Mode = "delta",
  isOver: (kind: string) => boolean = () => false,
) {
  let deck: string[] = [];
  /** The next one, from that world; undefined: all kinds are over. */
  return async (world: World): Promise<Transition | undefined> => {
    const goesOn = (kind: string) => !isOver(kind);
    deck = deck.filter(goesOn);
    if (deck.length === 0) deck = random.shuffled(only.filter(goesOn));
    const kind = deck.pop();
    if (kind === undefined) return undefined;
    const change = changes[kind];
    if (change !== undefined) return inOneStep(kind, change(world, random));
    const trouble = troubles[kind];
    if (trouble === undefined) throw new Error(`no such kind of transition: ${kind}. There are: ${KINDS.join(", ")}`);
    return { kind, steps: await trouble(world, random, mode) };
  };
}
