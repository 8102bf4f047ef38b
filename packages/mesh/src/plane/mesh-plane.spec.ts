import type { Scope, ScopedSource, Snapshot } from "@rxds/core";
import fc from "fast-check";
import { firstValueFrom, type Observable, Subject } from "rxjs";
import { expect, test } from "vitest";
import { changedDocuments, NODES, PROXIES, steps } from "../../spec-support/arbitrary.js";
import { mesh, node, service, settings, workload } from "../../spec-support/documents.js";
import { compile, type MeshLike, planRedirects } from "../compile-mesh.js";
import { proxyId } from "../graph/proxy.js";
import type { MeshDocument } from "../model/document.js";
import type { RedirectPlan } from "../plan/redirect-plan.js";
import { meshPlane } from "./mesh-plane.js";
import type { MeshPlane } from "./plane.js";

/** What a client of a view would be shown, as versions by type and name. */
function follow({ base, scope$, own }: ScopedSource) {
  let shared: Snapshot | undefined;
  let scope: Scope | undefined;
  let mine: Snapshot | undefined;
  const subscriptions = [
    (base as Observable<Snapshot>).subscribe((value) => {
      shared = value;
    }),
    scope$.subscribe((value) => {
      scope = value;
    }),
    own!.snapshots.subscribe((value) => {
      mine = value;
    }),
  ];
  return {
    shown(): Record<string, string> | undefined {
      if (shared === undefined || scope === undefined || mine === undefined) return undefined;
      const found = [...mine.list()];
      for (const [type, names] of Object.entries(scope)) {
        for (const name of names === "all" ? [] : names) found.push(...[shared.get(type, name) ?? []].flat());
      }
      return Object.fromEntries(found.map(({ type, name, version }) => [`${type} ${name}`, version]));
    },
    stop() {
      for (const subscription of subscriptions) subscription.unsubscribe();
    },
  };
}

/** Waits until everything that was given is compiled and shown. */
const settled = (plane: MeshPlane) => firstValueFrom(plane.problems$);

const versions = (snapshot: Snapshot) =>
  Object.fromEntries([...snapshot.list()].map(({ type, name, version }) => [`${type} ${name}`, version]));

test("proxies are shown what compile gives, and plans are what planRedirects gives, after any changes", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const mesh$ = new Subject<MeshLike>();
      const plane = meshPlane(mesh$);
      const views = PROXIES.map((proxy) => ({ proxy, view: follow(plane.snapshots(proxyId(proxy))) }));
      const plans = new Map<string, RedirectPlan>();
      for (const name of NODES) plane.redirectPlan(name).subscribe((plan) => plans.set(name, plan));
      for (const name of NODES) plane.applied(name, "");
      const documents = new Map<string, MeshDocument>();
      for (const step of all) {
        changedDocuments(documents, step);
        const now = mesh(...documents.values());
        mesh$.next(now);
        await settled(plane);
        for (const name of NODES) {
          expect(plans.get(name)).toEqual(planRedirects(now, name));
          plane.applied(name, plans.get(name)!.generation);
        }
        for (const { proxy, view } of views) {
          const known =
            proxy.kind === "node"
              ? now.documents.has(`Node ${proxy.node}`)
              : now.documents.has(`Workload ${proxy.workload}`);
          if (known) expect(view.shown()).toEqual(versions(compile(now, proxy)));
        }
      }
      for (const { view } of views) view.stop();
      plane.close();
    }),
  );
});

const documents = (topology: "sidecar" | "node") => [
  settings({ topology, enrol: [{}] }),
  node("n1", { addresses: ["10.0.0.1"] }),
  service("echo", {
    addresses: ["10.96.0.1"],
    selector: { app: "echo" },
    ports: [{ port: 80, protocol: "http" as const }],
  }),
  workload("web", { addresses: ["10.1.0.1"], node: "n1" }, { app: "web" }),
];

test("a node's Envoy goes on serving what was redirected to it until the new plan is in force", async () => {
  const mesh$ = new Subject<MeshLike>();
  const plane = meshPlane(mesh$);
  const view = follow(plane.snapshots("node~n1"));
  let plan!: RedirectPlan;
  plane.redirectPlan("n1").subscribe((next) => {
    plan = next;
  });
  const listener = "type.googleapis.com/envoy.config.listener.v3.Listener tcp/10.96.0.1:80";
  mesh$.next(mesh(...documents("node")));
  await settled(plane);
  plane.applied("n1", plan.generation);
  expect(view.shown()).toHaveProperty([listener]);
  const old = plan.generation;
  mesh$.next(mesh(...documents("sidecar")));
  await settled(plane);
  expect(plan.groups.map(({ proxy }) => proxy)).toEqual(["sidecar~default/web"]);
  expect(view.shown()).toHaveProperty([listener]);
  // Late news of the old plan change nothing.
  plane.applied("n1", old);
  expect(view.shown()).toHaveProperty([listener]);
  plane.applied("n1", plan.generation);
  expect(view.shown()).not.toHaveProperty([listener]);
  view.stop();
});

test("a proxy that the mesh does not know is shown nothing until it does", async () => {
  const mesh$ = new Subject<MeshLike>();
  const plane = meshPlane(mesh$);
  const view = follow(plane.snapshots("sidecar~default/web"));
  mesh$.next(mesh(...documents("node").slice(0, 3)));
  await settled(plane);
  expect(view.shown()).toBeUndefined();
  mesh$.next(mesh(...documents("node")));
  await settled(plane);
  expect(view.shown()).toBeDefined();
  // One that it knows no more keeps what it has.
  const before = view.shown();
  mesh$.next(mesh(...documents("node").slice(0, 3)));
  await settled(plane);
  expect(view.shown()).toEqual(before);
  const shared = follow(plane.snapshots("node~n1"));
  const known = shared.shown();
  expect(Object.keys(known ?? {})).toContain(
    "type.googleapis.com/envoy.config.listener.v3.Listener redirect/10.0.0.1:15001",
  );
  mesh$.next(mesh(...documents("node").filter(({ kind }) => kind !== "Node")));
  await settled(plane);
  expect(shared.shown()).toEqual(known);
});

test("a mesh that takes long to compile holds up nobody, and the newest counts", async () => {
  const services = (count: number) =>
    Array.from({ length: count }, (_, i) =>
      service(`s${i}`, { addresses: [`10.96.${i >> 8}.${i & 255}`], ports: [{ port: 80, protocol: "http" as const }] }),
    );
  const mesh$ = new Subject<MeshLike>();
  const plane = meshPlane(mesh$);
  const early = follow(plane.snapshots("node~n1"));
  mesh$.next(mesh(...documents("node"), ...services(400)));
  // Nothing is shown by halves; who comes meanwhile waits too, and what is overtaken is left out.
  expect(early.shown()).toBeUndefined();
  const late = follow(plane.snapshots("sidecar~default/web"));
  const plans: RedirectPlan[] = [];
  plane.redirectPlan("n1").subscribe((plan) => plans.push(plan));
  mesh$.next(mesh(...documents("node"), ...services(3)));
  const newest = mesh(
    ...documents("node"),
    ...services(400),
    workload("more", { addresses: ["10.1.0.9"], node: "n1" }),
  );
  mesh$.next(newest);
  await settled(plane);
  expect(early.shown()).toEqual(versions(compile(newest, { kind: "node", node: "n1" })));
  expect(late.shown()).toEqual(versions(compile(newest, { kind: "sidecar", workload: "default/web" })));
  expect(plans.at(-1)).toEqual(planRedirects(newest, "n1"));
  expect(plans.every(({ groups }) => groups[0]!.entries.length > 390)).toBe(true);
  plane.close();
});

test("an id that is no proxy's is refused", () => {
  const plane = meshPlane(new Subject<MeshLike>());
  expect(() => plane.scope({ id: "envoy" })).toThrow('expected a node.id "sidecar~namespace/name" or "node~name"');
  expect(plane.scope({ id: "node~n1" })).toBe("node~n1");
});

test("clients can make up only so many proxies that the mesh does not know", async () => {
  const mesh$ = new Subject<MeshLike>();
  const plane = meshPlane(mesh$);
  mesh$.next(mesh(...documents("node")));
  await settled(plane);
  const views = Array.from({ length: 1000 }, (_, i) =>
    follow(plane.snapshots(plane.scope({ id: `node~made-up-${i}` }))),
  );
  expect(() => plane.scope({ id: "node~one-more" })).toThrow("expected a proxy that the mesh knows");
  expect(plane.scope({ id: "node~n1" })).toBe("node~n1");
  // One that waits may come back; one that is gone makes room.
  expect(plane.scope({ id: "node~made-up-3" })).toBe("node~made-up-3");
  views.pop()?.stop();
  expect(plane.scope({ id: "node~one-more" })).toBe("node~one-more");
  for (const view of views) view.stop();
});

test("what is wrong is told after each change", async () => {
  const mesh$ = new Subject<MeshLike>();
  const plane = meshPlane(mesh$);
  const told = firstValueFrom(plane.problems$);
  mesh$.next(mesh(workload("web", { addresses: ["10.1.0.1"], node: "n9" })));
  expect(await told).toEqual([{ document: "Workload default/web", path: "spec.node", message: "there is no Node n9" }]);
});
