import { eventually, type Upstream, upstream } from "@rxds/testkit";
import { createSnapshot, edit, edsCluster, endpoints, httpListener, routes, type Snapshot, typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { type Lab, type Mode, withLab } from "./lab.js";

const listener = (name: string, routeConfig: string, statPrefix = name) =>
  httpListener({ name, address: "127.0.0.1", port: 0, routeConfig, statPrefix });

/** The two upstreams of a test. */
interface Upstreams {
  readonly red: Upstream;
  readonly blue: Upstream;
}

/** One control plane, one Envoy, two upstreams. */
async function lab(mode: Mode, first: (red: Upstream) => Snapshot, run: (lab: Lab & Upstreams) => Promise<void>) {
  await using red = await upstream({ name: "red" });
  await using blue = await upstream({ name: "blue" });
  await withLab({ mode, first: first(red) }, (common) => run({ ...common, red, blue }));
}

/** A PEM block without a certificate: Envoy looks into it, rxds does not. */
const NO_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

const whole = (red: Upstream) =>
  createSnapshot([
    edsCluster({ name: "red" }),
    endpoints("red", [red.address]),
    listener("ingress", "main"),
    routes("main", { "/": "red" }),
  ]);

describe.each(["delta", "sotw"] as const)("a real Envoy over %s", (mode) => {
  test("takes endpoints that are added and removed", () =>
    lab(mode, whole, async ({ emit, get, red, blue }) => {
      let snapshot = whole(red);
      snapshot = edit(snapshot, (draft) => draft.set(endpoints("red", [red.address, blue.address])));
      await emit(snapshot);
      const seen = new Set<string>();
      await eventually(async () => {
        seen.add((await get()).body);
        expect([...seen].sort()).toEqual(["blue", "red"]);
      });
      snapshot = edit(snapshot, (draft) => draft.set(endpoints("red", [blue.address])));
      await emit(snapshot);
      await eventually(async () => {
        const bodies = await Promise.all(Array.from({ length: 8 }, () => get()));
        expect(bodies.every(({ body }) => body === "blue")).toBe(true);
      });
    }));

  test("takes a route and a cluster that are added, a weight that moves, and their removal", () =>
    lab(mode, whole, async ({ emit, get, red, blue, envoy }) => {
      const first = whole(red);
      const second = edit(first, (draft) =>
        draft.set(
          edsCluster({ name: "blue" }),
          endpoints("blue", [blue.address]),
          routes("main", { "/blue": "blue", "/": "red" }),
        ),
      );
      await emit(second);
      expect(await get("/blue")).toEqual({ status: 200, body: "blue" });
      expect(await get("/")).toEqual({ status: 200, body: "red" });
      const weighted = (weights: Record<string, number>) =>
        edit(second, (draft) => draft.set(routes("main", { "/": { weightedClusters: weights } })));
      await emit(weighted({ red: 100, blue: 0 }));
      expect(await get()).toEqual({ status: 200, body: "red" });
      await emit(weighted({ red: 0, blue: 100 }));
      expect(await get()).toEqual({ status: 200, body: "blue" });
      const back = edit(second, (draft) => draft.set(routes("main", { "/": "red" })));
      await emit(back);
      const without = edit(back, (draft) => {
        draft.delete(typeUrls.cluster, "blue");
        draft.delete(typeUrls.endpoints, "blue");
      });
      await emit(without);
      expect(await get("/blue")).toEqual({ status: 200, body: "red" });
      const { clusterStatuses } = await envoy.clusters();
      expect(clusterStatuses.map(({ name }) => name)).not.toContain("blue");
    }));

  test("takes a listener that is changed, added and removed", () =>
    lab(mode, whole, async ({ emit, get, red, envoy }) => {
      const first = whole(red);
      await emit(edit(first, (draft) => draft.set(listener("ingress", "main", "other"))));
      expect(await get()).toEqual({ status: 200, body: "red" });
      const more = edit(first, (draft) =>
        draft.set(listener("second", "more"), routes("more", { "/": { directResponse: { status: 418 } } })),
      );
      await emit(more);
      expect((await get("/", { listener: "second" })).status).toBe(418);
      await emit(first);
      await eventually(async () => {
        const { listenerStatuses } = await envoy.listeners();
        expect(listenerStatuses.map(({ name }) => name)).toEqual(["ingress"]);
      });
    }));

  test("a changed cluster does not stay warming when its endpoints did not change", () =>
    lab(mode, whole, async ({ emit, get, red, envoy }) => {
      for (const connectTimeoutMs of [700, 800, 900]) {
        const started = performance.now();
        await emit(edit(whole(red), (draft) => draft.set(edsCluster({ name: "red", connectTimeoutMs }))));
        await eventually(async () => {
          const stats = await envoy.stats("cluster_manager.warming_clusters");
          expect(stats.get("cluster_manager.warming_clusters")).toBe(0);
        });
        // Envoy gives up waiting after 15 s: by then it would have gone on by itself.
        expect(performance.now() - started).toBeLessThan(14_000);
        expect(await get()).toEqual({ status: 200, body: "red" });
      }
    }));

  test("a bad cluster is rejected and named, the good ones go on, it is not sent again, and a mended one is accepted", () =>
    lab(mode, whole, async ({ next, get, red, blue, server, events }) => {
      const bad = edsCluster({ name: "bad", tls: { validation: { ca: NO_CERTIFICATE } } });
      const first = edit(whole(red), (draft) =>
        draft.set(bad, edsCluster({ name: "blue" }), endpoints("blue", [blue.address])),
      );
      next(first);
      const rejected = await eventually(() => {
        const found = events.find((event) => event.kind === "rejected");
        if (found?.kind !== "rejected")
          throw new Error(`no rejection in ${events.map(({ detail }) => detail).join("\n")}`);
        return found;
      });
      expect(rejected).toMatchObject({ type: typeUrls.cluster, node: { id: "n1" } });
      expect(rejected.detail).toContain("bad");
      expect(rejected.names).toEqual(["bad"]);
      expect(await get()).toEqual({ status: 200, body: "red" });
      // Another type goes on, and when that has arrived nothing of CDS was sent again.
      const moved = edit(first, (draft) => draft.set(endpoints("red", [blue.address])));
      next(moved);
      const version = moved.get(typeUrls.endpoints, "red")!.version;
      await server().holds("n1", typeUrls.endpoints, "red", { version });
      await eventually(async () => expect((await get()).body).toBe("blue"));
      const clusterResponses = () =>
        events.filter((event) => event.kind === "sent" && event.type === typeUrls.cluster).length;
      // The innocent ones went again at once: a client may have taken nothing of what it rejected.
      expect(clusterResponses()).toBe(3);
      expect(events.filter((event) => event.kind === "rejected")).toHaveLength(1);
      const mended = edit(moved, (draft) => draft.set(edsCluster({ name: "bad" }), endpoints("bad", [])));
      next(mended);
      await server().converged(mended.version);
      expect(clusterResponses()).toBe(4);
      expect(
        server()
          .clients()[0]
          ?.types.every(({ onTrial, quarantined }) => onTrial.length + quarantined.length === 0),
      ).toBe(true);
    }));
});
