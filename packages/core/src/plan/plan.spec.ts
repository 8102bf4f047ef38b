import { create } from "@bufbuild/protobuf";
import { ScopedRouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/scoped_route";
import { SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import { describe, expect, test } from "vitest";
import { edsCluster, endpoints, httpListener, routes, staticCluster, tcpListener } from "../builders/index.js";
import type { ResourceItem } from "../resource/create-resource.js";
import { costs } from "../snapshot/costs.js";
import { createSnapshot, edit, type Snapshot } from "../snapshot/snapshot.js";
import { typeUrls } from "../types/type-urls.js";
import { describePlan } from "./describe-plan.js";
import { type PlanOptions, plan } from "./plan.js";

const service = (name: string, port = 9001): ResourceItem[] => [
  edsCluster({ name }),
  endpoints(name, [`127.0.0.1:${port}`]),
];
const ingress = httpListener({ name: "ingress", port: 10_000, routeConfig: "main" });
const base = createSnapshot([...service("web"), ingress, routes("main", { "/": "web" })]);

const lines = (target: Snapshot, options?: PlanOptions, have = base) =>
  describePlan(plan(have, target, options)).split("\n");

describe("a plan", () => {
  test("has no steps when nothing is different", () => {
    const again = createSnapshot([...base.list()]);
    expect(plan(base, again)).toMatchObject({ steps: [], untold: [], risks: [] });
    expect(lines(again)).toEqual(["nothing to do: both snapshots are equal"]);
  });

  test("of endpoints alone feeds them and does nothing else", () => {
    const target = edit(base, (draft) => draft.set(endpoints("web", ["127.0.0.1:9002"])));
    expect(lines(target)).toEqual(["1. feed EDS: web"]);
  });

  test("of a route that goes from one cluster to another adds, feeds, switches, lingers and drops", () => {
    const target = edit(base, (draft) => {
      draft.set(...service("web2"), routes("main", { "/": "web2" }));
      draft.delete(typeUrls.cluster, "web");
      draft.delete(typeUrls.endpoints, "web");
    });
    expect(lines(target)).toEqual([
      "1. add CDS: web2",
      "2. feed EDS: web2",
      "3. switch RDS: main (after web2)",
      "4. linger 5 s: requests that were routed before may still be in a filter",
      "5. drop CDS: web (was in RDS main)",
      "not told: EDS web",
    ]);
    const { steps, from, to } = plan(base, target);
    expect([from, to]).toEqual([base.version, target.version]);
    expect(steps[2]?.waitsFor).toEqual([{ type: typeUrls.cluster, name: "web2", until: "eds" }]);
    expect(steps[3]?.waitsFor).toEqual([{ type: typeUrls.routes, name: "main", until: "acked" }]);
    expect(steps[4]?.removals).toEqual([{ name: "web", heldBy: [{ type: typeUrls.routes, name: "main" }] }]);
  });

  test("feeds the endpoints of a changed cluster although they have not changed", () => {
    const target = edit(base, (draft) => draft.set(edsCluster({ name: "web", connectTimeoutMs: 7 })));
    expect(lines(target)).toEqual(["1. add CDS: web", "2. feed EDS: web"]);
  });

  test("is data that survives JSON", () => {
    const made = plan(createSnapshot(), base);
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
  });

  test("refuses times that are none", () => {
    expect(() => plan(base, base, { lingerMs: -1 })).toThrow(RangeError);
    expect(() => plan(base, base, { drainMs: Number.NaN })).toThrow("drainMs is NaN");
  });
});

describe("what leads to new clusters", () => {
  test("waits for those that it names, and for no others", () => {
    const target = edit(base, (draft) => {
      draft.set(...service("a"), staticCluster({ name: "b", endpoints: ["127.0.0.1:1"] }));
      draft.set(routes("main", { "/": "a", "/web": "web" }), routes("other", { "/": "b", "/bootstrap": "elsewhere" }));
    });
    const step = plan(base, target).steps.find(({ kind }) => kind === "switch");
    const waits = Object.fromEntries(step?.upserts.map(({ name, waitsFor }) => [name, waitsFor]) ?? []);
    expect(waits).toEqual({ main: ["a"], other: ["b"] });
    expect(step?.waitsFor.map(({ name, until }) => `${name} ${until}`).sort()).toEqual(["a eds", "b acked"]);
  });

  test("of a listener, waits for the clusters of its routes, changed or not", () => {
    const have = edit(base, (draft) => draft.set(routes("ready", { "/": "late" })));
    const target = edit(have, (draft) => {
      draft.set(...service("late"), httpListener({ name: "ingress", port: 10_000, routeConfig: "ready" }));
    });
    expect(lines(target, {}, have)).toContain("3. switch LDS: ingress (after late)");
  });

  test("waits for all of them when it holds something that is not understood", () => {
    const opaque = routes("main", { "/": "web" });
    const action = opaque.virtualHosts[0]!.routes[0]!.action;
    if (action.case === "route") action.value.clusterSpecifier = { case: "clusterHeader", value: "x-cluster" };
    const target = edit(base, (draft) => draft.set(...service("a"), ...service("b"), opaque));
    const step = plan(base, target).steps.find(({ kind }) => kind === "switch");
    expect([...(step?.upserts[0]?.waitsFor ?? [])].sort()).toEqual(["a", "b"]);
  });

  test("does not wait for a cluster that only changes", () => {
    const target = edit(base, (draft) => {
      draft.set(edsCluster({ name: "web", connectTimeoutMs: 7 }), routes("main", { "/new": "web" }));
    });
    expect(lines(target)).toEqual(["1. add CDS: web", "2. feed EDS: web", "3. switch RDS: main"]);
  });

  test("is a risk when the endpoints of a new cluster are missing", () => {
    const target = edit(base, (draft) => draft.set(edsCluster({ name: "a" }), routes("main", { "/": "a" })));
    expect(plan(base, target).risks).toMatchObject([{ type: typeUrls.cluster, name: "a" }]);
  });
});

test("a scope that leads to other routes is a risk", () => {
  const scope = (routeConfigurationName: string) =>
    create(ScopedRouteConfigurationSchema, { name: "s", routeConfigurationName });
  const have = edit(base, (draft) => draft.set(scope("main")));
  const target = edit(base, (draft) => draft.set(scope("other"), routes("other", { "/": "web" })));
  expect(plan(have, target).risks).toMatchObject([{ type: typeUrls.scopedRoutes, name: "s" }]);
  expect(lines(target, {}, have)).toContain("1. switch SRDS: s");
});

describe("listeners", () => {
  test("that are removed go when all that leads elsewhere was accepted", () => {
    const have = edit(base, (draft) => draft.set(tcpListener({ name: "tcp", port: 10_001, cluster: "web" })));
    const target = edit(base, (draft) => draft.set(routes("main", { "/new": "web" })));
    expect(lines(target, {}, have)).toEqual(["1. switch RDS: main", "2. unlisten LDS: tcp"]);
    expect(plan(have, target).steps[1]?.waitsFor).toEqual([{ type: typeUrls.routes, name: "main", until: "acked" }]);
  });

  test("at the address of one that is removed go with its removal, and not without a warning", () => {
    const target = edit(base, (draft) => {
      draft.delete(typeUrls.listener, "ingress");
      draft.set(httpListener({ name: "front", port: 10_000, routeConfig: "main" }));
    });
    expect(lines(target)).toEqual([
      "1. switch LDS: front (takes over from ingress)",
      expect.stringMatching(/^risk: LDS front takes the address of "ingress": if a client rejects it/),
    ]);
    const [step] = plan(base, target).steps;
    expect(step?.removals).toEqual([{ name: "ingress" }]);
    const blind = edit(target, (draft) => void draft.delete(typeUrls.routes, "main"));
    expect(describePlan(plan(base, blind))).toContain('RouteConfiguration "main" is not there');
  });

  test("that exchange their addresses are a risk", () => {
    const at = (name: string, port: number) => tcpListener({ name, port, cluster: "web" });
    const have = edit(base, (draft) => draft.set(at("a", 1), at("b", 2)));
    const target = edit(base, (draft) => draft.set(at("a", 2), at("b", 1)));
    expect(
      plan(have, target)
        .risks.map(({ name }) => name)
        .sort(),
    ).toEqual(["a", "b"]);
  });
});

describe("clusters that go", () => {
  const without = (from: Snapshot, ...names: string[]) =>
    edit(from, (draft) => {
      for (const name of names) {
        draft.delete(typeUrls.cluster, name);
        draft.delete(typeUrls.endpoints, name);
      }
      draft.set(routes("main", { "/": "web" }));
    });

  test("stay for the route's timeout longer where requests are retried, others not", () => {
    const retried = routes("main", [
      {
        domains: ["*"],
        routes: [
          { prefix: "/a", cluster: "a", timeoutMs: 2000, retry: { on: "5xx" } },
          { prefix: "/", cluster: "b" },
        ],
      },
    ]);
    const have = edit(base, (draft) => draft.set(...service("a"), ...service("b"), retried));
    expect(lines(without(have, "a", "b"), { lingerMs: 1000 }, have).slice(0, -1)).toEqual([
      "1. switch RDS: main",
      "2. linger 1 s: requests that were routed before may still be in a filter",
      "3. drop CDS: b (was in RDS main)",
      "4. linger 2 s: requests that were routed before may be tried again until their route's timeout",
      "5. drop CDS: a (was in RDS main)",
    ]);
  });

  test("stay for the drain time when a listener named them itself", () => {
    const have = edit(base, (draft) => draft.set(...service("a"), tcpListener({ name: "tcp", port: 1, cluster: "a" })));
    const target = edit(without(have, "a"), (draft) => void draft.delete(typeUrls.listener, "tcp"));
    expect(lines(target, { drainMs: 20_000 }, have).slice(0, -1)).toEqual([
      "1. unlisten LDS: tcp",
      "2. linger 20 s: connections of the old listeners use them until these are drained; nothing tells when that is",
      "3. drop CDS: a (was in LDS tcp)",
    ]);
  });

  test("stay until clients no longer ask for the removed routes that led to them", () => {
    const old = httpListener({ name: "old", port: 1, routeConfig: "old" });
    const have = edit(base, (draft) => draft.set(...service("a"), old, routes("old", { "/": "a" })));
    const target = edit(without(have, "a"), (draft) => {
      draft.delete(typeUrls.listener, "old");
      draft.delete(typeUrls.routes, "old");
    });
    expect(lines(target, {}, have)).toEqual([
      "1. unlisten LDS: old",
      "2. linger 5 s after clients use RDS old no more: requests that were routed before may still be in a filter",
      "3. drop CDS: a (was in RDS old)",
      expect.stringMatching(/^not told: /),
    ]);
    expect(plan(have, target).steps[1]?.waitsFor).toContainEqual({
      type: typeUrls.routes,
      name: "old",
      until: "unsubscribed",
    });
  });

  test("are a risk when something that is sent still names them", () => {
    const target = edit(base, (draft) => {
      draft.delete(typeUrls.cluster, "web");
      draft.set(routes("main", { "/more": "web" }));
    });
    expect(plan(base, target).risks).toMatchObject([{ type: typeUrls.routes, name: "main" }]);
  });
});

test("a plan of one change among 100,000 resources looks at 200 of them at most", () => {
  const secrets = Array.from({ length: 100_000 }, (_, i) => create(SecretSchema, { name: `secret-${i}` }));
  const big = edit(base, (draft) => draft.set(...secrets));
  const target = edit(big, (draft) => draft.set(routes("main", { "/new": "web" })));
  const start = costs.visited;
  expect(plan(big, target).steps).toHaveLength(1);
  expect(costs.visited - start).toBeLessThanOrEqual(200);
  expect(costs.visited - start).toBeGreaterThan(0);
}, 60_000);
