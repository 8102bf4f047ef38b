import type { RedirectPlan } from "@rxds/mesh";
import { Subject } from "rxjs";
import { expect, test } from "vitest";
import type { AppliedPlan, FailedPlan } from "./agent-sink.js";
import { createHandOver } from "./hand-over.js";

const plan = (generation: string): RedirectPlan => ({ node: "n1", generation, groups: [] });

/** A sink that says what it is told to say. */
function scripted() {
  const given: RedirectPlan[] = [];
  const applied$ = new Subject<AppliedPlan>();
  const failures$ = new Subject<FailedPlan>();
  const handOver = createHandOver((plan$) => {
    plan$.subscribe((next) => given.push(next));
    return { applied$, failures$, close: async () => {} };
  });
  const outcomes: string[] = [];
  return {
    given,
    outcomes,
    handOver,
    applied$,
    put: (name: string, next: RedirectPlan) => {
      handOver.put(next).then(
        () => outcomes.push(name),
        (error: Error) => outcomes.push(`${name}: ${error.message}`),
      );
    },
    apply: (generation: string) => applied$.next({ generation, problems: [] }),
    fail: (generation: string, message: string) => failures$.next({ generation, error: new Error(message) }),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a plan is in force when the sink says so, and what the sink says of others does not count", async () => {
  const { put, apply, outcomes } = scripted();
  put("a", plan("g1"));
  apply("g0");
  await settled();
  expect(outcomes).toEqual([]);
  apply("g1");
  await settled();
  expect(outcomes).toEqual(["a"]);
});

test("a plan that is overtaken while it is put into force is in force with the later one", async () => {
  const { put, apply, outcomes, given } = scripted();
  put("a", plan("g1"));
  put("b", plan("g2"));
  expect(given.map(({ generation }) => generation)).toEqual(["g1", "g2"]);
  apply("g2");
  await settled();
  expect(outcomes).toEqual(["a", "b"]);
});

test("a failure is that of its plan, and of those that it has overtaken", async () => {
  const { put, apply, fail, outcomes } = scripted();
  put("a", plan("g1"));
  put("b", plan("g2"));
  put("c", plan("g3"));
  fail("g2", "no room");
  apply("g3");
  await settled();
  expect(outcomes).toEqual(["a: plan g2: not in force: no room", "b: plan g2: not in force: no room", "c"]);
});

test("of plans with the same generation the sink has one at a time, and of those that wait it gets the newest", async () => {
  const { put, apply, outcomes, given } = scripted();
  const [first, second, third] = [plan("g1"), plan("g1"), plan("g1")];
  put("a", first);
  put("b", second);
  put("c", third);
  expect(given).toEqual([first]);
  apply("g1");
  await settled();
  expect(outcomes).toEqual(["a"]);
  expect(given.length).toBe(2);
  expect(given[1]).toBe(third);
  apply("g1");
  await settled();
  expect(outcomes).toEqual(["a", "b", "c"]);
});

test("a sink that ends refuses what it has and what comes", async () => {
  const { put, applied$, outcomes } = scripted();
  put("a", plan("g1"));
  put("b", plan("g1"));
  applied$.error(new Error("no kernel"));
  put("c", plan("g2"));
  await settled();
  const reason = "plan: the sink says nothing any more: no kernel";
  expect(outcomes).toEqual([`a: ${reason}`, `b: ${reason}`, `c: ${reason}`]);
});
