import { isSnapshot, type Snapshot } from "@rxds/core";
import { Subject } from "rxjs";
import { expect, test } from "vitest";
import { asPiece } from "../../spec-support/as-piece.js";
import { mesh, node, service, settings, workload } from "../../spec-support/documents.js";
import type { MeshLike } from "../compile-mesh.js";
import { PLAN_PIECE, REDIRECT_PIECE } from "../pieces/piece-names.js";
import { createPlanAssembler } from "../pieces/plan-assembler.js";
import type { RedirectPlan } from "../plan/redirect-plan.js";
import type { PlaneServer } from "./agent-feeds.js";
import { meshPlane } from "./mesh-plane.js";

/** A server that is told what clients have accepted. */
function fakeServer() {
  const listeners = new Map<string, () => void>();
  const plans: { id: string; version: string; signal: AbortSignal; resolve(): void }[] = [];
  const server: PlaneServer = {
    listenerReady: (proxy, listener) => new Promise((resolve) => void listeners.set(`${proxy} ${listener}`, resolve)),
    holds: (id, type, name, { version, signal }) =>
      new Promise((resolve) => {
        expect([type, name]).toEqual([REDIRECT_PIECE, PLAN_PIECE]);
        plans.push({ id, version, signal, resolve });
      }),
  };
  return {
    server,
    plans,
    ready: () => {
      for (const resolve of listeners.values()) resolve();
    },
  };
}

const documents = (topology: "node" | "sidecar", services = 1) =>
  mesh(
    settings({ topology, enrol: [{}] }),
    node("n1", { addresses: ["10.0.0.1"] }),
    workload("web", { addresses: ["10.1.0.1"], node: "n1" }),
    ...Array.from({ length: services }, (_, i) =>
      service(`s${i}`, { addresses: [`10.96.0.${i + 1}`], ports: [{ port: 80 }] }),
    ),
  );

/** What the agent of a node is shown. */
function agentOf(plane: ReturnType<typeof meshPlane>, name: string) {
  const shown: Snapshot[] = [];
  const source = plane.snapshots(plane.scope({ id: `agent~${name}` }));
  const subscription = source.own!.snapshots.subscribe((snapshot) => shown.push(snapshot));
  return { source, shown, subscription };
}

/** All that waits for the next turns was done. */
async function settled() {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function planIn(snapshot: Snapshot): RedirectPlan {
  const assembler = createPlanAssembler();
  assembler.take(Array.from(snapshot.list(), asPiece), []);
  return assembler.plan()!;
}

test("an agent is shown its node's plan when somebody tells which listeners are ready, and nothing else", async () => {
  const mesh$ = new Subject<MeshLike>();
  const plane = meshPlane(mesh$);
  const { source, shown } = agentOf(plane, "n1");
  const plans: RedirectPlan[] = [];
  plane.redirectPlan("n1").subscribe((plan) => plans.push(plan));
  mesh$.next(documents("node"));
  await settled();
  expect(shown).toEqual([]);
  const { server, ready } = fakeServer();
  plane.follow(server);
  await settled();
  expect(shown).toEqual([]);
  ready();
  await settled();
  expect(shown.length).toBe(1);
  expect(shown.every(isSnapshot)).toBe(true);
  expect(planIn(shown[0]!)).toEqual(plans[0]);
  let scope: unknown;
  source.scope$.subscribe((next) => {
    scope = next;
  });
  expect(scope).toEqual({});
});

test("what an agent has acknowledged is applied; what it was shown meanwhile counts, and nothing older", async () => {
  const mesh$ = new Subject<MeshLike>();
  const plane = meshPlane(mesh$);
  const applied: string[] = [];
  const { applied: original } = plane;
  plane.applied = (name, generation) => {
    applied.push(`${name} ${generation}`);
    original.call(plane, name, generation);
  };
  const { server, ready, plans } = fakeServer();
  plane.follow(server);
  const { shown, subscription } = agentOf(plane, "n1");
  mesh$.next(documents("node"));
  await settled();
  ready();
  await settled();
  mesh$.next(documents("node", 0));
  await settled();
  expect(shown.map((snapshot) => snapshot.get(REDIRECT_PIECE, PLAN_PIECE)!.version)).toEqual(
    plans.map(({ version }) => version),
  );
  expect(plans.map(({ id, signal }) => [id, signal.aborted])).toEqual([
    ["agent~n1", true],
    ["agent~n1", false],
  ]);
  plans[0]!.resolve();
  await settled();
  expect(applied).toEqual([]);
  plans[1]!.resolve();
  await settled();
  expect(applied).toEqual([`n1 ${planIn(shown[1]!).generation}`]);
  subscription.unsubscribe();
  expect(plans[1]!.signal.aborted).toBe(true);
});

test("the agent of a node that the mesh does not know is shown nothing, and keeps its plan when the node is gone", async () => {
  const mesh$ = new Subject<MeshLike>();
  const plane = meshPlane(mesh$);
  const { server, ready } = fakeServer();
  plane.follow(server);
  const known = agentOf(plane, "n1");
  const unknown = agentOf(plane, "n2");
  mesh$.next(documents("node"));
  await settled();
  ready();
  await settled();
  expect([known.shown.length, unknown.shown.length]).toEqual([1, 0]);
  mesh$.next(mesh());
  await settled();
  expect([known.shown.length, unknown.shown.length]).toEqual([1, 0]);
});

test("clients can make up only so many nodes", async () => {
  const mesh$ = new Subject<MeshLike>();
  const plane = meshPlane(mesh$);
  mesh$.next(documents("node"));
  await settled();
  const agents = Array.from({ length: 1000 }, (_, i) => agentOf(plane, `made-up-${i}`));
  expect(() => plane.scope({ id: "agent~one-more" })).toThrow("expected a proxy that the mesh knows");
  expect(plane.scope({ id: "agent~made-up-3" })).toBe("agent~made-up-3");
  expect(plane.scope({ id: "agent~n1" })).toBe("agent~n1");
  agents.pop()!.subscription.unsubscribe();
  expect(plane.scope({ id: "agent~one-more" })).toBe("agent~one-more");
});
