import { eventually, withEnvoy } from "@rxds/testkit";
import { createSnapshot, edit, edsCluster, endpoints, httpListener, routes, serveXds, typeUrls } from "rxds";
import { BehaviorSubject } from "rxjs";
import { expect, test } from "vitest";
import { fetchStatus, statuses } from "./status-client.js";

const good = createSnapshot([
  edsCluster({ name: "web" }),
  endpoints("web", ["127.0.0.1:9"]),
  httpListener({ name: "in", address: "127.0.0.1", port: 0, routeConfig: "main" }),
  routes("main", { "/": "web" }),
]);

test.each(["delta", "sotw"] as const)("an Envoy's status is SYNCED, and ERROR with its words (%s)", async (mode) => {
  const snapshots = new BehaviorSubject(good);
  await using server = await serveXds({ address: "127.0.0.1:0", snapshots });
  const node = { id: "n1", cluster: "c1", locality: { zone: "z1" }, metadata: { team: "red" } };
  await withEnvoy({ ads: server.address, mode, node }, async (envoy) => {
    await envoy.ready();
    await server.converged(undefined, { clients: 1 });
    const { config } = await fetchStatus(server.address);
    expect(config).toHaveLength(1);
    expect(config[0]?.node).toMatchObject({ ...node, userAgentName: "envoy" });
    // Envoy lists some 500 extensions; who asks for status did not ask for these.
    expect(config[0]?.node?.extensions).toEqual([]);
    const all = config[0]?.genericXdsConfigs.map(({ typeUrl, name }) => `${typeUrl.split(".").at(-1)} ${name}`);
    expect(all?.sort()).toEqual(["Cluster web", "ClusterLoadAssignment web", "Listener in", "RouteConfiguration main"]);
    expect(new Set(Object.values(statuses(config[0])))).toEqual(new Set(["SYNCED"]));

    const bad = edsCluster({ name: "bad" });
    bad.connectTimeout = { $typeName: "google.protobuf.Duration", seconds: 0n, nanos: 0 };
    snapshots.next(edit(good, (draft) => draft.set(bad, endpoints("bad", []))));
    await eventually(async () => {
      const [client] = (await fetchStatus(server.address)).config;
      expect(statuses(client, typeUrls.cluster).bad).toBe("ERROR");
      const error = client?.genericXdsConfigs.find(({ name }) => name === "bad")?.errorState;
      expect(error?.details).toContain("ConnectTimeout");
    });
  });
});
