import { eventually, upstream } from "@rxds/testkit";
import { createResource, createSnapshot, edit, httpListener, routes, staticCluster } from "rxds";
import { expect, test } from "vitest";
import { withLab } from "./lab.js";
import { flags, layered, shared } from "./runtime-flags.js";

/** What an Envoy that can take a time to live says of itself; the second: also in state of the world. */
const FEATURES = ["xds.config.supports-resource-ttl", "xds.config.supports-resource-in-sotw"];
const TTL_MS = 1000;

test.each(["delta", "sotw"] as const)(
  "resources with a time to live stay while the control plane runs, and end when it is gone (%s)",
  async (mode) => {
    await using red = await upstream({ name: "red" });
    await using blue = await upstream({ name: "blue" });
    const leased = (connectTimeoutMs: number) =>
      createResource(staticCluster({ name: "leased", endpoints: [red.address], connectTimeoutMs }), { ttl: TTL_MS });
    const first = createSnapshot([
      httpListener({ name: "ingress", port: 0, routeConfig: "main" }),
      routes("main", { "/leased": "leased", "/": "owned" }),
      leased(1000),
      staticCluster({ name: "owned", endpoints: [blue.address] }),
      httpListener({ name: "second", port: 0, routeConfig: "shared" }),
      shared("shared"),
      createResource(flags(100), { ttl: TTL_MS }),
    ]);
    const options = { mode, first, clientFeatures: FEATURES, envoy: { bootstrap: layered } };
    await withLab(options, async ({ envoy, emit, get, events, server }) => {
      const names = async () => (await envoy.clusters()).clusterStatuses.map(({ name }) => name).sort();
      const flagged = async () => (await get("/", { listener: "second" })).body;
      const sent = (label: string) => events.filter((event) => event.kind === "sent" && event.label === label).length;
      const before = { cds: sent("CDS"), rtds: sent("RTDS") };
      const begin = performance.now();
      // Long after they would have ended they are there still.
      await eventually(() => {
        expect(performance.now() - begin).toBeGreaterThan(1.5 * TTL_MS);
        expect(sent("CDS")).toBeGreaterThan(before.cds + 2);
        expect(sent("RTDS")).toBeGreaterThan(before.rtds + 2);
      });
      expect(await names()).toEqual(["leased", "owned", "xds"]);
      expect(await get("/leased")).toEqual({ status: 200, body: "red" });
      expect(await flagged()).toBe("new");
      // A change is taken as always.
      await emit(edit(first, (draft) => draft.set(leased(2000))));
      expect(events.filter(({ kind }) => kind === "rejected")).toEqual([]);

      await server().close();
      await eventually(async () => expect(await names()).toEqual(["owned", "xds"]));
      await eventually(async () => expect(await flagged()).toBe("old"));
      expect((await get("/leased")).status).toBe(503);
      expect(await get("/")).toEqual({ status: 200, body: "blue" });
    });
  },
);
