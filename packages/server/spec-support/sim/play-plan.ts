import { createSnapshot, type Plan, type PlanOptions, plan, type Snapshot } from "@rxds/core";
import { createOracle, differences } from "./oracle.js";
import { PlanDriver } from "./plan-driver.js";
import { SimEnvoy } from "./sim-envoy.js";
import type { SimProtocol } from "./sim-messages.js";
import { createTimeline } from "./timeline.js";

/** What the trial of a plan came to. */
export interface Outcome {
  /** Requests that would have been lost. */
  readonly lost: readonly string[];
  /** In what the Envoy is not at the target; empty: it is. */
  readonly missing: readonly string[];
}

/** How a plan is tried. */
export interface Trial {
  readonly protocol: SimProtocol;
  readonly have: Snapshot;
  readonly target: Snapshot;
  /** How long each message and each step takes, in ms, one after the other and again from the beginning. */
  readonly delays: readonly number[];
  /** What is done to the plan before it is tried. Default: nothing. */
  readonly mutate?: (plan: Plan) => Plan;
}

/** Short times, so that a trial is short; in proportion to each other as the real ones. */
const LINGER_MS = 500;
const DRAIN_MS = 3000;
const AIR_MS = 450;
/** Longer than every trial should take. */
const DEADLINE_MS = 60_000;

/** Brings an Envoy to `have`, then tries the plan that leads to `target`. */
export function playPlan({ protocol, have, target, delays, mutate = (same) => same }: Trial): Outcome {
  const timeline = createTimeline();
  let turn = 0;
  const delay = () => delays[turn++ % delays.length] ?? 0;
  // Messages of one direction do not overtake each other.
  const line = () => {
    let free = 0;
    return (run: () => void) => {
      free = Math.max(free, timeline.now + delay());
      timeline.after(free - timeline.now, run);
    };
  };
  const [down, up] = [line(), line()];
  const driver = new PlanDriver(
    protocol,
    () => timeline.now,
    (response) => down(() => envoy.receive(response)),
  );
  const envoy: SimEnvoy = new SimEnvoy({
    protocol,
    timeline,
    times: { drainMs: DRAIN_MS, checkMs: 300 },
    send: (request) => up(() => driver.request(request)),
    changed: () => oracle.look(),
  });
  const oracle = createOracle(envoy, { airMs: AIR_MS });
  const options: PlanOptions = { lingerMs: LINGER_MS, drainMs: DRAIN_MS };

  const go = (way: Plan, to: Snapshot) => {
    oracle.configure(to);
    driver.start(way, to);
    const end = timeline.now + DEADLINE_MS;
    while (!driver.done && timeline.now < end) {
      if (driver.step()) timeline.tick(delay());
      else timeline.tick(10);
      oracle.look();
    }
    // What is under way arrives, and what drains is drained.
    timeline.tick(2 * DRAIN_MS);
    oracle.look();
    return driver.done ? differences(envoy, to) : [`stuck, waiting for ${driver.waiting}`];
  };

  envoy.connect();
  const start = go(plan(createSnapshot(), have, options), have);
  if (start.length > 0) return { lost: oracle.violations, missing: start.map((one) => `at the start: ${one}`) };
  const missing = go(mutate(plan(have, target, options)), target);
  return { lost: oracle.violations, missing };
}
