import fc from "fast-check";
import { expect, test } from "vitest";
import { byDestination } from "./by-destination.js";
import type { RedirectEntry, RedirectPlan } from "./redirect-plan.js";
import { restrictPlan } from "./restrict-plan.js";

const PROXIES = ["node~n1", "sidecar~a/w1", "sidecar~a/w2"] as const;
const WORKLOADS = ["a/w1", "a/w2", "a/w3"] as const;

const entry = (address: number, to: number): RedirectEntry => ({
  address: `10.96.0.${address}`,
  port: 80,
  protocol: "tcp",
  service: `a/s${address}`,
  to: { address: "10.0.0.1", port: 15_000 + to },
  listeners: [`tcp/${address}`, `redirect/${to}`],
});

/** Plans in which each workload is in at most one group. */
const anyPlan: fc.Arbitrary<RedirectPlan> = fc
  .tuple(
    fc.tuple(...WORKLOADS.map(() => fc.option(fc.constantFrom(...PROXIES), { nil: undefined }))),
    fc.tuple(
      ...PROXIES.map(() =>
        fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 })), {
          selector: ([address]) => address,
        }),
      ),
    ),
    fc.constantFrom("g1", "g2", "g3"),
  )
  .map(([homes, entries, generation]) => ({
    node: "n1",
    generation,
    groups: PROXIES.flatMap((proxy, i) => {
      const workloads = WORKLOADS.filter((_, at) => homes[at] === proxy).map((name) => ({ name, addresses: [] }));
      const list = entries[i]!.map(([address, to]) => entry(address, to)).sort(byDestination);
      return workloads.length === 0 ? [] : [{ proxy, workloads, entries: list }];
    }),
  }));

/** Which listeners of which proxies are ready. */
const anyReady = fc.subarray(
  PROXIES.flatMap((proxy) => ["tcp/1", "tcp/2", "tcp/3", "redirect/1", "redirect/2"].map((name) => `${proxy} ${name}`)),
);

/** Where what of whom goes: `"a/w1 10.96.0.1"` to `"node~n1 15001"`. */
function targets({ groups }: RedirectPlan): Map<string, string> {
  const found = new Map<string, string>();
  for (const { proxy, workloads, entries } of groups) {
    for (const { name } of workloads) {
      for (const { address, to } of entries) found.set(`${name} ${address}`, `${proxy} ${to.port}`);
    }
  }
  return found;
}

const proxyIn = (target: string): string => target.split(" ")[0]!;

const entriesIn = ({ groups }: RedirectPlan) =>
  groups.flatMap(({ proxy, entries }) => entries.map((each) => ({ proxy, each })));

test("whatever plans come and listeners become ready: nothing goes where nobody listens, and nothing is given up too early", () => {
  const steps = fc.array(fc.tuple(anyPlan, anyReady), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(steps, (all) => {
      let before: RedirectPlan | undefined;
      for (const [plan, ready] of all) {
        const isReady = (proxy: string, listener: string) => ready.includes(`${proxy} ${listener}`);
        const now = restrictPlan(plan, isReady, before);
        const wanted = targets(plan);
        // What is new in a group is ready.
        for (const { proxy, each } of entriesIn(now)) {
          const old = entriesIn(before ?? { ...plan, groups: [] }).some(
            (other) =>
              other.proxy === proxy && other.each.address === each.address && other.each.to.port === each.to.port,
          );
          expect(old || each.listeners.every((listener) => isReady(proxy, listener))).toBe(true);
          // What nobody wants any more is gone.
          expect(entriesIn(plan).some((other) => other.each.address === each.address)).toBe(true);
        }
        const shown = targets(now);
        // What was redirected and still is to be, is redirected: by the proxy that it is to go to, or by the one that it went to.
        for (const [who, to] of before === undefined ? [] : targets(before)) {
          const next = wanted.get(who);
          if (next !== undefined) expect([to, next].map(proxyIn)).toContain(proxyIn(shown.get(who) ?? "nobody"));
        }
        // The generation says whether something goes as an older plan said.
        const elsewhere = [...shown].some(([who, to]) => wanted.get(who) !== to);
        if (elsewhere) expect(now.generation).not.toBe(plan.generation);
        if (now.generation !== plan.generation) expect(before).toBeDefined();
        // Each workload is where it was or is to be, once.
        const names = now.groups.flatMap(({ workloads }) => workloads.map(({ name }) => name));
        expect(names.sort()).toEqual(plan.groups.flatMap(({ workloads }) => workloads.map(({ name }) => name)).sort());
        expect(restrictPlan(plan, () => true, now)).toEqual(plan);
        before = now;
      }
    }),
    { numRuns: 10 * (fc.readConfigureGlobal().numRuns ?? 100) },
  );
});
