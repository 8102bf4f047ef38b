import { resourceType } from "../resource/type-registry.js";
import type { Snapshot } from "../snapshot/snapshot.js";
import { arrivals } from "./arrivals.js";
import { drops } from "./drops.js";
import { changesOf, planChanges } from "./plan-changes.js";
import type { Plan } from "./plan-step.js";
import { risks } from "./risks.js";
import { switches } from "./switches.js";
import { takeOvers } from "./take-over.js";
import { UNTOLD, unlistens } from "./unlistens.js";

/** How long old clusters stay. */
export interface PlanOptions {
  /**
   * How long a cluster stays after nothing leads to it any more, in milliseconds: longer than a request may be held before it
   * goes on to its cluster (by an external authorization, a delay, buffering). Default: 5000.
   */
  readonly lingerMs?: number;
  /**
   * How long clients drain connections of listeners that are changed or removed, in milliseconds: Envoy's `--drain-time-s`.
   * Clusters that a listener names itself stay that long. Default: 600,000, as Envoy's.
   */
  readonly drainMs?: number;
}

/**
 * The way from one snapshot to another on which no request is lost: first what is new, then what leads to it, and at last,
 * when nothing needs it, what is old goes. Changes nothing and asks nobody: it tells before what would happen to a client
 * that holds `have` and wants everything.
 *
 * Costs O(changed · log n) when `target` was made from `have` by `edit`, with the references of what is changed.
 *
 * @throws RangeError for a time that is negative or not finite.
 */
export function plan(have: Snapshot, target: Snapshot, options: PlanOptions = {}): Plan {
  const { lingerMs = 5000, drainMs = 600_000 } = options;
  for (const [name, ms] of Object.entries({ lingerMs, drainMs })) {
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`plan(): ${name} is ${ms}: expected milliseconds, 0 or more`);
    }
  }
  const changes = planChanges(have, target);
  const types = [...changes.types.keys()].map(resourceType).sort((a, b) => a.rank - b.rank);
  const taken = takeOvers(changes);
  const switched = switches(changes, types, taken);
  const turned = [...switched, ...unlistens(changes, types, switched, taken)];
  const untold = types.filter(({ typeUrl }) => UNTOLD.has(typeUrl));
  return {
    from: have.version,
    to: target.version,
    steps: [...arrivals(changes, types), ...turned, ...drops(changes, turned, { lingerMs, drainMs })],
    untold: untold.flatMap(({ typeUrl: type }) => changesOf(changes, type).removals.map((name) => ({ type, name }))),
    risks: risks(changes, taken),
  };
}
