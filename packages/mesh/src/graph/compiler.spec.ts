import { diff, type Snapshot, typeUrls } from "@rxds/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { changedDocuments, NODES, PROXIES, steps } from "../../spec-support/arbitrary.js";
import { authorizationPolicy, mesh, node, service, settings, workload } from "../../spec-support/documents.js";
import { compile, planRedirects } from "../compile-mesh.js";
import type { MeshDocument } from "../model/document.js";
import { redirectPlan } from "../plan/redirect-plan.js";
import { MeshCompiler } from "./compiler.js";
import { costs } from "./costs.js";
import type { MeshProxy } from "./proxy.js";
import { exists, ownResources, proxyScope, sightOf } from "./proxy-view.js";

/** What a compiler shows a proxy, as versions by type and name. */
function shown(compiler: MeshCompiler, proxy: MeshProxy): Record<string, string> {
  const found: Record<string, string> = {};
  if (!exists(proxy, compiler)) return found;
  for (const { type, name, version } of ownResources(proxy, compiler).list()) found[`${type} ${name}`] = version;
  for (const [type, names] of Object.entries(proxyScope(proxy, [sightOf(proxy, compiler).names], compiler))) {
    for (const name of names) {
      const resource = compiler.snapshot.get(type, name);
      if (resource !== undefined) found[`${type} ${name}`] = resource.version;
    }
  }
  return found;
}

test("after any changes everything is as if it had been compiled at once", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const compiler = new MeshCompiler();
      for (const proxy of PROXIES) compiler.open(proxy);
      const documents = new Map<string, MeshDocument>();
      for (const step of all) {
        compiler.update(changedDocuments(documents, step));
        const now = mesh(...documents.values());
        for (const proxy of PROXIES) expect(shown(compiler, proxy)).toEqual(versions(compile(now, proxy)));
        for (const name of NODES) expect(redirectPlan(name, compiler)).toEqual(planRedirects(now, name));
      }
    }),
  );
});

const versions = (snapshot: Snapshot) =>
  Object.fromEntries([...snapshot.list()].map(({ type, name, version }) => [`${type} ${name}`, version]));

/** 1,000 services with five workloads each, on fifty nodes. */
function large(): MeshDocument[] {
  const documents: MeshDocument[] = [settings({ enrol: [{}], scope: "all" })];
  for (let i = 0; i < 50; i++) documents.push(node(`n${i}`, { addresses: [`10.200.0.${i + 1}`] }));
  for (let i = 0; i < 1000; i++) {
    const app = `app-${i}`;
    documents.push(
      service(`ns-${i % 20}/${app}`, {
        addresses: [`10.96.${i >> 8}.${i & 255}`],
        selector: { app },
        ports: [{ port: 80, protocol: "http" }],
      }),
    );
    for (let j = 0; j < 5; j++) documents.push(backend(i, j, 0));
  }
  documents.push(
    authorizationPolicy("ns-7/p", {
      services: ["app-7"],
      action: "deny",
      rules: [{ from: [{ labels: { app: "app-3" } }] }],
    }),
  );
  return documents;
}

const backend = (i: number, j: number, generation: number) =>
  workload(
    `ns-${i % 20}/app-${i}-${j}`,
    { addresses: [`10.${1 + j + generation}.${i >> 8}.${i & 255}`], node: `n${(i * 5 + j) % 50}` },
    { app: `app-${i}` },
  );

test("one changed endpoint among 1,000 services and 5,000 workloads builds only what depends on it", () => {
  const compiler = new MeshCompiler();
  compiler.update(large().map((after) => ({ before: undefined, after })));
  for (let i = 0; i < 50; i++) compiler.open({ kind: "node", node: `n${i}` });
  compiler.open({ kind: "sidecar", workload: "ns-3/app-3-1" });
  compiler.open({ kind: "sidecar", workload: "ns-7/app-7-0" });
  for (let i = 0; i < 50; i++) redirectPlan(`n${i}`, compiler);
  const before = { ...costs };
  const snapshot = compiler.snapshot;
  const update = compiler.update([{ before: backend(3, 0, 0), after: backend(3, 0, 100) }]);
  const spent = Object.fromEntries(
    Object.entries(costs).map(([key, n]) => [key, n - before[key as keyof typeof costs]]),
  );
  // Its service's endpoints, and the one sidecar whose policy means it.
  expect(spent).toEqual({
    services: 0,
    endpoints: 1,
    inbound: 1,
    incoming: 1,
    nodes: 0,
    entries: 0,
    sources: 0,
    visibility: 0,
    scopes: 0,
    plans: 0,
  });
  expect(update.own).toEqual(new Set(["node~n15"]));
  expect(update.plans).toEqual(new Set(["n15"]));
  const changed = [...compiler.snapshot.list()].filter(
    ({ type, name, version }) => snapshot.get(type, name)?.version !== version,
  );
  expect(changed.map(({ type, name }) => [type, name])).toEqual([
    [typeUrls.routes, "inbound/ns-7/app-7:80"],
    [typeUrls.endpoints, "ns-3/app-3:80"],
  ]);
});

test("a service that comes costs nothing for each of the others", () => {
  const compiler = new MeshCompiler();
  compiler.update(large().map((after) => ({ before: undefined, after })));
  compiler.open({ kind: "node", node: "n1" });
  const before = { ...costs };
  const fresh = service("ns-1/fresh", { addresses: ["10.97.0.1"], ports: [{ port: 80, protocol: "http" }] });
  const { scopes } = compiler.update([{ before: undefined, after: fresh }]);
  expect(costs.services - before.services).toBe(1);
  expect(costs.endpoints - before.endpoints).toBe(1);
  expect(scopes).toEqual(new Set(["node~n1"]));
});

test("enrolling a pod touches its node's callers, and nothing that is shared", () => {
  const compiler = new MeshCompiler();
  const pod = workload("ns-1/late", { addresses: ["10.250.0.1"], node: "n1" }, { app: "late" });
  const enrolled = { ...pod, metadata: { ...pod.metadata, labels: { app: "late", mesh: "on" } } };
  const documents = [
    ...large().slice(1),
    settings({ enrol: [{ selector: { matchLabels: { mesh: "on" } } }], scope: "all" }),
    pod,
  ];
  compiler.update(documents.map((after) => ({ before: undefined, after })));
  for (let i = 0; i < 50; i++) compiler.open({ kind: "node", node: `n${i}` });
  const node: MeshProxy = { kind: "node", node: "n1" };
  const own = versions(ownResources(node, compiler));
  const snapshot = compiler.snapshot;
  const update = compiler.update([{ before: pod, after: enrolled }]);
  expect(diff(snapshot, compiler.snapshot)).toMatchObject({ upserts: [], removals: [] });
  expect([update.own, update.scopes, update.plans]).toEqual([
    new Set(["node~n1"]),
    new Set(["node~n1"]),
    new Set(["n1"]),
  ]);
  const changed = Object.entries(versions(ownResources(node, compiler))).filter(
    ([key, version]) => own[key] !== version,
  );
  expect(changed.map(([key]) => key.split(" ")[1])).toEqual(["rxds.source.labels"]);
});
