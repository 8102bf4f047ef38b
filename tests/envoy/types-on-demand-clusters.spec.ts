import { eventually, type StartEnvoyOptions, upstream } from "@rxds/testkit";
import { createSnapshot, edit, edsCluster, endpoints, routes, typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { NODE_ID, withLab } from "./lab.js";
import { onDemandListener } from "./on-demand-filter.js";

/** No clusters but those that requests need. */
const onlyOnDemand: StartEnvoyOptions["bootstrap"] = ({ dynamicResources }) => {
  if (dynamicResources !== undefined) dynamicResources.cdsConfig = undefined;
};

describe.each([
  ["beside the wildcard", {}],
  ["alone", { bootstrap: onlyOnDemand }],
])("clusters on demand (CDS, delta) %s", (wildcard, envoy) => {
  test("an unknown one fails without waiting; it is there when it was made later, is changed, and is gone when removed", async () => {
    await using red = await upstream({ name: "red" });
    await using blue = await upstream({ name: "blue" });
    const first = createSnapshot([
      onDemandListener("odcds"),
      routes("main", { "/": { clusterHeader: "x-cluster" } }),
      edsCluster({ name: "red" }),
      endpoints("red", [red.address]),
      edsCluster({ name: "unused" }),
      endpoints("unused", [red.address]),
    ]);
    await withLab({ mode: "delta", first, envoy }, async ({ get, emit, events, envoy: { clusters } }) => {
      const to = (cluster: string) => get("/", { headers: { "x-cluster": cluster }, timeoutMs: 4000 });
      const known = async () => (await clusters()).clusterStatuses.map(({ name }) => name);
      expect(await to("red")).toEqual({ status: 200, body: "red" });
      expect((await to("blue")).status).toBe(503);
      expect(events).toContainEqual(expect.objectContaining({ label: "CDS", removedNames: ["blue"] }));

      const second = edit(first, (draft) => draft.set(edsCluster({ name: "blue" }), endpoints("blue", [blue.address])));
      await emit(second);
      await eventually(async () => expect(await to("blue")).toEqual({ status: 200, body: "blue" }));
      expect((await known()).includes("unused")).toBe(wildcard !== "alone");

      const changed = edit(second, (draft) =>
        draft.set(edsCluster({ name: "blue", serviceName: "other" }), endpoints("other", [red.address])),
      );
      await emit(changed);
      await eventually(async () => expect(await to("blue")).toEqual({ status: 200, body: "red" }));

      await emit(edit(changed, (draft) => draft.delete(typeUrls.cluster, "blue")));
      await eventually(async () => expect(await known()).not.toContain("blue"));
      expect(events.filter(({ kind }) => kind === "rejected")).toEqual([]);
    });
  });
});

test("clusters that were asked for outlive a restart of the control plane, and are still followed", async () => {
  await using red = await upstream({ name: "red" });
  await using blue = await upstream({ name: "blue" });
  const first = createSnapshot([
    onDemandListener("odcds"),
    routes("main", { "/": { clusterHeader: "x-cluster" } }),
    edsCluster({ name: "red" }),
    endpoints("red", [red.address]),
  ]);
  const envoy = { bootstrap: onlyOnDemand };
  await withLab({ mode: "delta", first, envoy }, async ({ get, emit, restart, server, events }) => {
    const to = (cluster: string) => get("/", { headers: { "x-cluster": cluster }, timeoutMs: 4000 });
    expect(await to("red")).toEqual({ status: 200, body: "red" });
    expect((await to("blue")).status).toBe(503);
    await restart();
    await server().converged(first.version, { clients: 1 });
    expect(await to("red")).toEqual({ status: 200, body: "red" });
    await server().holds(NODE_ID, typeUrls.cluster, "red");
    const moved = edit(first, (draft) =>
      draft.set(endpoints("red", [blue.address]), edsCluster({ name: "blue" }), endpoints("blue", [blue.address])),
    );
    await emit(moved);
    await eventually(async () => expect(await to("red")).toEqual({ status: 200, body: "blue" }));
    await eventually(async () => expect(await to("blue")).toEqual({ status: 200, body: "blue" }));
    expect(events.filter(({ kind }) => kind === "rejected")).toEqual([]);
  });
});

test("in state of the world Envoy asks for one cluster instead of all: the others end", async () => {
  await using red = await upstream({ name: "red" });
  const first = createSnapshot([
    onDemandListener("odcds"),
    routes("main", { "/": { clusterHeader: "x-cluster" } }),
    edsCluster({ name: "red" }),
    endpoints("red", [red.address]),
  ]);
  await withLab({ mode: "sotw", first }, async ({ get, next, server, envoy: { clusters } }) => {
    const to = (cluster: string) => get("/", { headers: { "x-cluster": cluster } });
    const known = async () => (await clusters()).clusterStatuses.map(({ name }) => name).sort();
    expect(await to("red")).toEqual({ status: 200, body: "red" });
    expect(await known()).toEqual(["red", "xds"]);
    // Silence says nothing of a cluster that does not exist: the request waits until it does.
    const waiting = to("blue");
    await eventually(() =>
      expect(
        server()
          .clients()[0]
          ?.types.find(({ type }) => type === typeUrls.cluster),
      ).toMatchObject({ wildcard: false }),
    );
    next(edit(first, (draft) => draft.set(edsCluster({ name: "blue" }), endpoints("blue", [red.address]))));
    expect(await waiting).toEqual({ status: 200, body: "red" });
    await eventually(async () => expect(await known()).toEqual(["blue", "xds"]));
  });
});
