import { type PlanPiece, planSnapshots, type RedirectPlan } from "@rxds/mesh";
import { of } from "rxjs";
import { expect, test } from "vitest";
import { pieces } from "../spec-support/pieces.js";
import { createPlanFollower, type PieceChange } from "./plan-follower.js";

const plan = (generation: string): RedirectPlan => ({
  node: "n1",
  generation,
  groups: [{ proxy: "node~n1", workloads: [{ name: "a/w", addresses: ["10.1.0.1"] }], entries: [] }],
});

const piecesOf = (each: RedirectPlan): { whole: PlanPiece; group: PlanPiece } => {
  const [group, whole] = pieces(planSnapshots(of(each)), ["group node~n1", "plan"]);
  return { whole: whole!, group: group! };
};

/** A follower whose plans are put into force when the test says so. */
function following() {
  const puts: { plan: RedirectPlan; resolve(): void; reject(error: Error): void }[] = [];
  const follow = createPlanFollower(
    (next) => new Promise((resolve, reject) => puts.push({ plan: next, resolve, reject })),
  );
  const outcomes: string[] = [];
  return {
    puts,
    outcomes,
    take: (name: string, { upserts = [], removals = [] }: Partial<PieceChange>) => {
      follow({ upserts, removals }).then(
        () => outcomes.push(name),
        (error: Error) => outcomes.push(`${name}: ${error.message}`),
      );
    },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("the response with the plan's piece is answered when the plan is in force, others at once", async () => {
  const { take, puts, outcomes } = following();
  const { whole, group } = piecesOf(plan("g1"));
  take("group", { upserts: [group] });
  take("plan", { upserts: [whole] });
  await settled();
  expect(outcomes).toEqual(["group"]);
  expect(puts.map((put) => put.plan)).toEqual([plan("g1")]);
  puts[0]!.resolve();
  await settled();
  expect(outcomes).toEqual(["group", "plan"]);
});

test("a plan of which parts are to come is put into force when they are there", async () => {
  const { take, puts, outcomes } = following();
  const { whole, group } = piecesOf(plan("g1"));
  take("plan", { upserts: [whole] });
  await settled();
  expect([outcomes, puts.length]).toEqual([[], 0]);
  take("group", { upserts: [group] });
  await settled();
  expect([outcomes, puts.length]).toEqual([["group"], 1]);
  puts[0]!.reject(new Error("no room"));
  await settled();
  expect(outcomes).toEqual(["group", "plan: no room"]);
});

test("a plan that comes again is not put into force again, unless that has failed", async () => {
  const { take, puts, outcomes } = following();
  const { whole, group } = piecesOf(plan("g1"));
  take("1", { upserts: [whole, group] });
  take("2", { upserts: [whole] });
  await settled();
  expect(puts.length).toBe(1);
  puts[0]!.reject(new Error("no room"));
  await settled();
  expect(outcomes).toEqual(["1: no room", "2: no room"]);
  // What the server sends again of a refused response, without the piece that it blames.
  take("3", { upserts: [group] });
  await settled();
  expect(puts.length).toBe(1);
  take("4", { upserts: [whole] });
  puts[1]!.resolve();
  await settled();
  expect(outcomes.slice(2)).toEqual(["3", "4"]);
});

test("what is no piece is refused, and the rest is taken", async () => {
  const { take, puts, outcomes } = following();
  const { whole, group } = piecesOf(plan("g1"));
  take("bad", { upserts: [{ name: "service x y", version: "1", value: Buffer.from([0xff]) }, group] });
  take("good", { upserts: [whole] });
  await settled();
  expect(outcomes).toEqual([expect.stringMatching(/^bad: piece "service x y" of the redirect plan: expected/)]);
  expect(puts.length).toBe(1);
});
