import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMesh, editMesh, type Mesh, parseDocuments, planRedirects } from "@rxds/mesh";
import { type AgentLoad, eventually, type LabAgent } from "@rxds/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildTestkit } from "../testkit/lab-support.js";
import { startWorld, type World, withTopology } from "./lab/world.js";

const log = join(tmpdir(), `rxds-access-${randomUUID()}.log`);

/** Two nodes: two callers and one backend on the first, one backend on the second. */
const documents = `
apiVersion: rxds.dev/v1alpha1
kind: Mesh
metadata: { name: mesh }
spec: { topology: sidecar, enrol: [{ selector: { matchLabels: { mesh: "on" } } }], accessLog: { path: ${log} } }
---
apiVersion: rxds.dev/v1alpha1
kind: Node
metadata: { name: n1 }
spec: { addresses: [10.244.1.1, "fd00:244:1::1"] }
---
apiVersion: rxds.dev/v1alpha1
kind: Node
metadata: { name: n2 }
spec: { addresses: [10.244.2.1, "fd00:244:2::1"] }
---
apiVersion: rxds.dev/v1alpha1
kind: Workload
metadata: { name: client, labels: { mesh: "on", app: client } }
spec: { node: n1, addresses: [10.244.1.10, "fd00:244:1::10"] }
---
apiVersion: rxds.dev/v1alpha1
kind: Workload
metadata: { name: late, labels: { app: late } }
spec: { node: n1, addresses: [10.244.1.11, "fd00:244:1::11"] }
---
apiVersion: rxds.dev/v1alpha1
kind: Workload
metadata: { name: back-1, labels: { mesh: "on", app: back } }
spec: { node: n1, addresses: [10.244.1.20, "fd00:244:1::20"] }
---
apiVersion: rxds.dev/v1alpha1
kind: Workload
metadata: { name: back-2, labels: { mesh: "on", app: back } }
spec: { node: n2, addresses: [10.244.2.20, "fd00:244:2::20"] }
---
apiVersion: rxds.dev/v1alpha1
kind: Service
metadata: { name: back }
spec:
  addresses: [10.96.0.1, "fd00:96::1"]
  selector: { app: back }
  ports: [{ port: 80, targetPort: 9000, protocol: http }, { port: 81, targetPort: 9001 }]
---
apiVersion: rxds.dev/v1alpha1
kind: Service
metadata: { name: client }
spec: { selector: { app: client }, ports: [{ port: 80, protocol: http }] }
---
# Connections that nobody uses go soon, so that an Envoy that is to end has none.
apiVersion: rxds.dev/v1alpha1
kind: TrafficPolicy
metadata: { name: back }
spec: { service: back, connectionPool: { idleTimeout: 1s } }
`;

const URL4 = "http://10.96.0.1/";
const URL6 = "http://[fd00:96::1]/";

describe("a mesh that runs", () => {
  let world: World;
  let client: LabAgent;
  let late: LabAgent;

  beforeAll(async () => {
    buildTestkit();
    world = await startWorld(createMesh(parseDocuments(documents)));
    client = await world.pods.get("default/client")!.agent();
    late = await world.pods.get("default/late")!.agent();
    for (const name of ["back-1", "back-2"]) {
      const agent = await world.pods.get(`default/${name}`)!.agent();
      await agent.serveHttp({ port: 9000, name });
      await agent.serveTcp({ port: 9001, name });
    }
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await rm(log, { force: true });
  });

  test("goes from sidecars to one Envoy per node and back while clients keep sending: no request fails", async () => {
    const loads = await Promise.all([
      client.startLoad({ url: URL4, loops: 6, intervalMs: 2, newConnectionEvery: 7 }),
      client.startLoad({ url: URL4, loops: 4, intervalMs: 2 }),
      client.startLoad({ url: URL6, loops: 2, intervalMs: 2, newConnectionEvery: 3 }),
    ]);
    const seen: string[][] = [[...world.proxies.running.keys()].sort()];
    for (const topology of ["node", "sidecar", "node", "sidecar"] as const) {
      await progress(loads);
      await world.apply(withTopology(world.mesh(), topology));
      seen.push([...world.proxies.running.keys()].sort());
    }
    await progress(loads);
    const results = await Promise.all(loads.map((load) => load.stop()));
    const sidecars = ["sidecar~default/back-1", "sidecar~default/back-2", "sidecar~default/client"];
    const nodes = ["node~n1", "node~n2"];
    expect(seen).toEqual([sidecars, nodes, sidecars, nodes, sidecars]);
    expect(results.map(({ failed, failures }) => ({ failed, failures }))).toEqual(
      results.map(() => ({ failed: 0, failures: {} })),
    );
    for (const { requests, byAnswer } of results) {
      expect(requests).toBeGreaterThan(50);
      expect(Object.keys(byAnswer).sort()).toEqual(["back-1", "back-2"]);
    }
  }, 120_000);

  test("a service is renamed, and its routes change, under load: no request fails, and no listener changes", async () => {
    const before = world.mesh();
    const load = await client.startLoad({ url: URL4, loops: 4, intervalMs: 2, newConnectionEvery: 9 });
    await progress([load]);
    const proxy = world.envoy("sidecar~default/client");
    const drained = async () => (await proxy.stats("^listener_manager.listener_(modified|removed|added)$")).toString();
    const listeners = await drained();
    const [service, policy] = ["Service default/back", "TrafficPolicy default/back"].map((key) => {
      const document = before.documents.get(key);
      if (document === undefined) throw new Error(`there is no ${key}`);
      return document;
    });
    const renamed = JSON.parse(
      JSON.stringify([service, policy]).replaceAll('"back"', '"renamed"').replace('"app":"renamed"', '"app":"back"'),
    );
    const route = parseDocuments(`
apiVersion: rxds.dev/v1alpha1
kind: Route
metadata: { name: renamed }
spec: { service: renamed, rules: [{ timeout: 9s, retries: { attempts: 2 } }] }
`);
    const next = editMesh(before, {
      set: [...renamed, ...route],
      delete: ["Service default/back", "TrafficPolicy default/back"],
    });
    await world.apply(next);
    await eventually(
      async () => {
        const clusters = (await proxy.clusters()).clusterStatuses.map(({ name }) => name);
        expect(clusters).toContain("default/renamed:80");
        expect(clusters).not.toContain("default/back:80");
      },
      { deadlineMs: 20_000 },
    );
    await progress([load]);
    expect(await drained()).toBe(listeners);
    await world.apply(before);
    await progress([load]);
    expect(await load.stop()).toMatchObject({ failed: 0, failures: {} });
  }, 60_000);

  test("connections go to an Envoy only when it is ready for them", async () => {
    const load = await client.startLoad({ url: URL4, loops: 4, intervalMs: 2, newConnectionEvery: 2 });
    const next = withTopology(world.mesh(), "node");
    // The word is changed before the nodes' Envoys run.
    world.announce(next);
    const settled = world.redirects.settled();
    await progress([load]);
    expect(world.proxies.running.has("node~n1")).toBe(false);
    await world.proxies.start(next);
    await settled;
    await progress([load]);
    await world.proxies.stopOthers(next);
    await world.apply(withTopology(world.mesh(), "sidecar"));
    expect(await load.stop()).toMatchObject({ failed: 0, failures: {} });
  }, 60_000);

  test.each(["node", "sidecar"] as const)(
    "%s: who called whom is in statistics and logs",
    async (topology) => {
      await world.apply(withTopology(world.mesh(), topology));
      const path = `/told-${topology}`;
      expect(await client.http({ url: `${URL4}${path.slice(1)}` })).toMatchObject({ status: 200 });
      const proxy = topology === "node" ? "node~n1" : "sidecar~default/client";
      const parties = {
        source_workload: "default/client",
        source_service: "default/client",
        destination_service: "default/back",
        destination_workload: expect.stringMatching(/^default\/back-[12]$/),
      };
      await eventually(
        async () => {
          const lines = (await readFile(log, "utf8")).split("\n").filter((line) => line.startsWith("{"));
          const line = lines.map((text) => JSON.parse(text)).find((one) => one.path === path);
          expect(line).toMatchObject({ ...parties, response_code: 200, virtual_address: "10.96.0.1:80" });
        },
        // Envoy writes its logs every ten seconds.
        { deadlineMs: 15_000, describe: "the request is in the log" },
      );
      const stats = await world.envoy(proxy).admin("/stats/prometheus?filter=^rxds");
      expect(stats).toMatch(
        /envoy_rxds_requests\{source_workload="default\/client",source_service="default\/client",destination_service="default\/back",destination_workload="default\/back-[12]",response_code="200"\} [1-9]/,
      );
    },
    60_000,
  );

  test("some keep a sidecar while the others share their node's Envoy, and policies hold for all", async () => {
    const before = world.mesh();
    const node = withTopology(before, "node");
    const kept = node.documents.get("Workload default/back-1");
    if (kept?.kind !== "Workload") throw new Error("there is no back-1");
    const labels = { ...kept.metadata.labels, "rxds.dev/topology": "sidecar" };
    const policy = parseDocuments(`
apiVersion: rxds.dev/v1alpha1
kind: AuthorizationPolicy
metadata: { name: back }
spec: { services: [back], action: allow, rules: [{ from: [{ labels: { app: client } }] }] }
`);
    const mixed = editMesh(node, { set: [...policy, { ...kept, metadata: { ...kept.metadata, labels } }] });
    await world.apply(mixed);
    expect([...world.proxies.running.keys()].sort()).toEqual(["node~n1", "node~n2", "sidecar~default/back-1"]);
    const ask = async (agent: LabAgent, address: string, port = 80) => {
      const answer = await agent.http({ address, port });
      return answer.error ?? `${answer.status} ${answer.headers["x-upstream"] ?? ""}`.trim();
    };
    // By the node's Envoy, and by that to the sidecar.
    const answers = [await ask(client, "10.96.0.1"), await ask(client, "10.96.0.1")].sort();
    expect(answers).toEqual(["200 back-1", "200 back-2"]);
    // By a sidecar to the other, and by a node's Envoy: neither is the client.
    const back1 = await world.pods.get("default/back-1")!.agent();
    const back2 = await world.pods.get("default/back-2")!.agent();
    expect([await ask(back1, "10.96.0.1"), await ask(back2, "10.96.0.1")]).toEqual(["403", "403"]);
    // Who is not enrolled is asked where there is a sidecar.
    expect([await ask(late, "10.244.1.20", 9000), await ask(late, "10.244.2.20", 9000)]).toEqual(["403", "200 back-2"]);
    await world.apply(before);
  }, 60_000);

  test.each(["node", "sidecar"] as const)(
    "%s: a pod that runs already is enrolled, used, and removed again",
    async (topology) => {
      await world.apply(withTopology(world.mesh(), topology));
      const { pid } = late;
      const direct = { address: "10.244.2.20", port: 9001 };
      const virtual = { address: "10.96.0.1", port: 81 };
      const before = await late.open(direct);
      expect(await before.exchange("one")).toBe("back-2: one");
      expect(await late.tcp({ ...virtual, send: "x\n", timeoutMs: 1000 })).toHaveProperty("error");

      const others = plansOf(world.mesh(), "n2");
      await world.apply(enrolled(world.mesh(), true));
      // Nothing changes but on its node.
      expect(plansOf(world.mesh(), "n2")).toEqual(others);
      expect((await late.tcp({ ...virtual, send: "x\n" })).error).toBeUndefined();
      const through = await late.open(virtual);
      expect(await through.exchange("two")).toMatch(/^back-[12]: two$/);
      expect(await before.exchange("three")).toBe("back-2: three");

      const proxy = topology === "node" ? "node~n1" : "sidecar~default/late";
      const stats = () => world.envoy(proxy).admin("/stats/prometheus?filter=^rxds.connections");
      expect(await stats()).toContain('source_workload="default/late"');

      await world.proxies.keep(proxy, async () => {
        await world.apply(enrolled(world.mesh(), false));
        expect(await late.tcp({ ...virtual, send: "x\n", timeoutMs: 1000 })).toHaveProperty("error");
        // What is open stays open, be it direct or through the Envoy.
        expect(await before.exchange("four")).toBe("back-2: four");
        expect(await through.exchange("five")).toMatch(/^back-[12]: five$/);
        await through.close();
      });
      await before.close();
      expect((await world.pods.get("default/late")!.agent()).pid).toBe(pid);
    },
    60_000,
  );
});

/** Waits until each load has done some more. */
async function progress(loads: readonly AgentLoad[]): Promise<void> {
  for (const load of loads) {
    const { requests } = await load.report();
    await eventually(
      async () => {
        const now = (await load.report()).requests;
        if (now < requests + 40) throw new Error(`${now - requests} more requests`);
      },
      { deadlineMs: 20_000, describe: "the load goes on" },
    );
  }
}

/** The mesh with the late pod enrolled, or not. */
function enrolled(mesh: Mesh, is: boolean): Mesh {
  const document = mesh.documents.get("Workload default/late");
  if (document?.kind !== "Workload") throw new Error("there is no late pod");
  const labels = { app: "late", ...(is ? { mesh: "on" } : {}) };
  return editMesh(mesh, { set: [{ ...document, metadata: { ...document.metadata, labels } }] });
}

const plansOf = (mesh: Mesh, node: string) => planRedirects(mesh, node);
