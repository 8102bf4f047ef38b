import { type Diff, diff, type Snapshot } from "@rxds/core";
import fc from "fast-check";
import { of, Subject } from "rxjs";
import { expect, test } from "vitest";
import { anyPlan } from "../../spec-support/arbitrary-plans.js";
import { asPiece } from "../../spec-support/as-piece.js";
import { mesh, node, service, settings, workload } from "../../spec-support/documents.js";
import { planRedirects } from "../compile-mesh.js";
import type { RedirectPlan } from "../plan/redirect-plan.js";
import { pieceCosts } from "./piece-costs.js";
import { REDIRECT_PIECE } from "./piece-names.js";
import { createPlanAssembler, type PlanAssembler } from "./plan-assembler.js";
import { planSnapshots } from "./plan-snapshots.js";

/** The last of the snapshots of some plans. */
function snapshotOf(...plans: readonly RedirectPlan[]): Snapshot {
  let last!: Snapshot;
  planSnapshots(of(...plans)).subscribe((snapshot) => {
    last = snapshot;
  });
  return last;
}

/** Plans come one after the other, as snapshots. */
function follow() {
  const plans$ = new Subject<RedirectPlan>();
  let last: Snapshot = snapshotOf({ node: "n1", generation: "", groups: [] });
  const diffs: Diff[] = [];
  planSnapshots(plans$).subscribe((snapshot) => {
    diffs.push(diff(last, snapshot));
    last = snapshot;
  });
  return {
    next: (plan: RedirectPlan): Diff => {
      plans$.next(plan);
      return diffs.at(-1)!;
    },
    last: () => last,
  };
}

const namesOf = ({ upserts, removals }: Diff) => [
  ...upserts.map(({ name }) => name).sort(),
  ...removals.map(({ name }) => `-${name}`).sort(),
];

const takeAll = (assembler: PlanAssembler, snapshot: Snapshot) =>
  assembler.take([...snapshot.list(REDIRECT_PIECE)].map(asPiece), []);

test("whatever plans come, in whatever parts: what is assembled is what was sent, and nothing in between", () => {
  const seeds = fc.array(fc.tuple(anyPlan, fc.infiniteStream(fc.nat(1000))), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(seeds, (plans) => {
      const sender = follow();
      const assembler = createPlanAssembler();
      const seen: RedirectPlan[] = [];
      takeAll(assembler, sender.last());
      let before = assembler.plan();
      expect(before).toEqual({ node: "n1", generation: "", groups: [] });
      for (const [plan, random] of plans) {
        const changes = sender.next(plan);
        // A response that is lost, and comes again as one of the parts, does no harm.
        const parts: (() => void)[] = [
          ...changes.upserts.flatMap((upsert) => {
            const take = () => assembler.take([asPiece(upsert)], []);
            return random.next().value % 3 === 0 ? [take, take] : [take];
          }),
          ...changes.removals.map(
            ({ name }) =>
              () =>
                assembler.take([], [name]),
          ),
        ];
        while (parts.length > 0) {
          parts.splice(random.next().value % parts.length, 1)[0]!();
          const now = assembler.plan();
          if (now !== undefined && now !== before) seen.push(now);
          if (now !== undefined) before = now;
        }
        expect(before).toEqual(plan);
        // In between there may be pieces that are not used yet or any more, and no other plans.
        for (const each of seen.splice(0)) expect([plan]).toContainEqual(each);
        // Who comes later is sent the same.
        expect(sender.last().version).toBe(snapshotOf(plan).version);
      }
    }),
  );
});

const services = (count: number, changed = -1) =>
  Array.from({ length: count }, (_, i) =>
    service(`s${i}`, { addresses: [`10.96.${i >> 8}.${i & 255}`], ports: [{ port: i === changed ? 81 : 80 }] }),
  );

const plan = (topology: "node" | "sidecar", count: number, changed?: number, pods = 3) =>
  planRedirects(
    mesh(
      settings({ topology, enrol: [{}] }),
      node("n1", { addresses: ["10.0.0.1"] }),
      ...Array.from({ length: pods }, (_, i) => workload(`w${i}`, { addresses: [`10.1.0.${i}`], node: "n1" })),
      ...services(count, changed),
    ),
    "n1",
  );

test.each(["node", "sidecar"] as const)("one changed service changes two resources (%s)", (topology) => {
  const sender = follow();
  sender.next(plan(topology, 50));
  const built = pieceCosts.built;
  const changes = sender.next(plan(topology, 50, 7));
  const proxy = topology === "node" ? "node~n1" : "sidecar~default/w0";
  expect(namesOf(changes)).toEqual(["plan", `service ${proxy} default/s7`]);
  expect(pieceCosts.built - built).toBe(2);
  expect(namesOf(sender.next(plan(topology, 51, 7)))).toEqual(["plan", `service ${proxy} default/s50`]);
  expect(namesOf(sender.next(plan(topology, 50, 7)))).toEqual(["plan", `-service ${proxy} default/s50`]);
});

test("sidecars with the same entries share their pieces, and one that joins costs one more", () => {
  const sender = follow();
  expect(sender.next(plan("sidecar", 50)).upserts.length).toBe(50 + 3 + 1);
  expect(namesOf(sender.next(plan("sidecar", 50, -1, 4)))).toEqual(["group sidecar~default/w3", "plan"]);
});

test("an assembler makes only the groups again that changed, and shares entries between groups", () => {
  const sender = follow();
  const assembler = createPlanAssembler();
  sender.next(plan("sidecar", 20));
  takeAll(assembler, sender.last());
  const first = assembler.plan()!;
  expect(first).toEqual(plan("sidecar", 20));
  expect(new Set(first.groups.map(({ entries }) => entries)).size).toBe(1);
  const before = pieceCosts.assembled;
  const { upserts } = sender.next(plan("sidecar", 20, 3));
  assembler.take(upserts.map(asPiece), []);
  expect(assembler.plan()).toEqual(plan("sidecar", 20, 3));
  expect(pieceCosts.assembled - before).toBe(1);
  expect(assembler.plan()).toBe(assembler.plan());
});

test("bytes that are no piece, and pieces under a wrong name, are refused with their name", () => {
  const assembler = createPlanAssembler();
  expect(() => assembler.take([{ name: "group x", version: "1", value: Buffer.from([0xff]) }], [])).toThrow(
    'piece "group x" of the redirect plan: expected a rxds.mesh.v1.RedirectPiece, got other bytes',
  );
  const piece = asPiece(snapshotOf(plan("node", 1)).get(REDIRECT_PIECE, "plan")!);
  expect(() => assembler.take([{ ...piece, name: "group x" }], [])).toThrow('holds a plan; expected the name "plan"');
  expect(() => assembler.take([{ name: "plan", version: "1", value: Buffer.alloc(0) }], [])).toThrow(
    "expected one of plan, group, service",
  );
});
