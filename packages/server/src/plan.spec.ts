import { describePlan, plan } from "@rxds/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planMutants } from "../spec-support/sim/plan-mutants.js";
import { playPlan } from "../spec-support/sim/play-plan.js";
import { snapshotPairs } from "../spec-support/sim/snapshot-pairs.js";

const trials = fc.record({
  protocol: fc.constantFrom("delta" as const, "sotw" as const),
  pair: snapshotPairs,
  delays: fc.array(fc.nat(120), { minLength: 1, maxLength: 30 }),
});

describe("the steps of a plan, taken by a simulated Envoy", () => {
  test("lose no request and lead to the target, for any two snapshots", () => {
    fc.assert(
      fc.property(trials, ({ protocol, pair, delays }) => {
        const outcome = playPlan({ protocol, ...pair, delays });
        expect(outcome, describePlan(plan(pair.have, pair.target))).toEqual({ lost: [], missing: [] });
      }),
      { numRuns: 5 * (fc.readConfigureGlobal().numRuns ?? 100) },
    );
  });

  test.each(Object.entries(planMutants))("show that a plan %s", (_, { mutate, notice }) => {
    const { failed } = fc.check(
      fc.property(trials, ({ protocol, pair, delays }) => {
        const { lost, missing } = playPlan({ protocol, ...pair, delays, mutate });
        return ![...lost, ...missing].some((words) => notice.test(words));
      }),
      { numRuns: 1000, endOnFailure: true },
    );
    expect(failed).toBe(true);
  });
});
