import { typeUrls } from "../types/type-urls.js";
import { type Departure, departures, type LingerTimes } from "./departures.js";
import type { PlanChanges } from "./plan-changes.js";
import type { PlanStep, PlanWait } from "./plan-step.js";
import { acks } from "./unlistens.js";

const type = typeUrls.cluster;

/**
 * Clusters that go, after the time each has to stay. Those that only a draining listener uses come last: how long that
 * takes, clients say.
 */
export function drops(changes: PlanChanges, before: readonly PlanStep[], times: LingerTimes): PlanStep[] {
  const all = departures(changes, times);
  let past = 0;
  const timed = inOrder(all.filter(({ routes }) => routes.length === 0)).flatMap((group) => {
    const { ms } = group[0]!;
    const more = ms - past;
    past = ms;
    return [linger(group, more, []), drop(group)];
  });
  const drained = inOrder(all.filter(({ routes }) => routes.length > 0)).flatMap((group) => [
    linger(group, group[0]!.ms, unused(group)),
    drop(group),
  ]);
  // That all is switched the first step waits for, and so those behind it.
  const [first, ...rest] = [...timed, ...drained];
  const steps = first ? [{ ...first, waitsFor: [...acks(before), ...first.waitsFor] }, ...rest] : [];
  return steps.filter(({ kind, ms = 0, waitsFor }) => kind !== "linger" || ms > 0 || waitsFor.length > 0);
}

function inOrder(all: readonly Departure[]): Departure[][] {
  const groups = new Map<number, Departure[]>();
  for (const one of all) {
    const group = groups.get(one.ms);
    if (group === undefined) groups.set(one.ms, [one]);
    else group.push(one);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

function linger(group: readonly Departure[], ms: number, waitsFor: readonly PlanWait[]): PlanStep {
  return { kind: "linger", type, upserts: [], removals: [], waitsFor, ms, because: group[0]!.because };
}

function drop(group: readonly Departure[]): PlanStep {
  const removals = group.map(({ name, heldBy }) => (heldBy.length > 0 ? { name, heldBy } : { name }));
  return { kind: "drop", type, upserts: [], removals, waitsFor: [], because: "nothing leads to it any more" };
}

/** That connections which drain have come to their end: the client then no longer asks for their routes. */
function unused(group: readonly Departure[]): PlanWait[] {
  const names = new Set(group.flatMap(({ routes }) => routes));
  return [...names].map((name) => ({ type: typeUrls.routes, name, until: "unsubscribed" }));
}
