import { createXdsClient } from "@rxds/client";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { createSnapshot, edit, edsCluster, endpoints, type Snapshot, serveXds, typeUrls, type XdsEvent } from "rxds";
import { BehaviorSubject } from "rxjs";
import { expect, test } from "vitest";

const first = createSnapshot([
  edsCluster({ name: "a" }),
  edsCluster({ name: "b" }),
  endpoints("a", ["127.0.0.1:1"]),
  endpoints("b", ["127.0.0.1:2"]),
]);

/** A server and a client of it. */
async function pair(run: (parts: Awaited<ReturnType<typeof open>>) => Promise<void>): Promise<void> {
  const parts = await open();
  try {
    await run(parts);
  } finally {
    parts.client.close();
    await parts.server.close();
  }
}

async function open() {
  const snapshot$ = new BehaviorSubject<Snapshot>(first);
  const server = await serveXds({ hitless: { lingerMs: 1 }, address: "127.0.0.1:0", snapshots: snapshot$ });
  const client = createXdsClient({
    address: server.address,
    node: { id: "tool" },
    reconnect: { minMs: 10, maxMs: 50 },
  });
  return { snapshot$, server, client };
}

test("a client holds what it subscribed to, and follows it", () =>
  pair(async ({ snapshot$, client, server }) => {
    const clusters = client.subscribe(ClusterSchema, "*");
    const one = client.subscribe(typeUrls.endpoints, ["a", "nobody"]);
    await Promise.all([clusters.synced({ deadlineMs: 5000 }), one.synced({ deadlineMs: 5000 })]);
    expect([...clusters.resources.keys()].sort()).toEqual(["a", "b"]);
    expect([...one.resources.keys()]).toEqual(["a"]);
    const second = edit(first, (draft) => {
      draft.delete(typeUrls.cluster, "b");
      draft.set(endpoints("a", ["127.0.0.1:9"]), endpoints("nobody", ["127.0.0.1:3"]));
    });
    snapshot$.next(second);
    const version = second.get(typeUrls.endpoints, "a")?.version;
    await client.holds(typeUrls.endpoints, "a", version, { deadlineMs: 5000 });
    await client.holds(typeUrls.endpoints, "nobody", undefined, { deadlineMs: 5000 });
    await server.converged(second.version);
    expect([...clusters.resources.keys()]).toEqual(["a"]);
  }));

test("a client that loses its server keeps what it has, and gets only what changed when it is back", () =>
  pair(async ({ client, server }) => {
    const clusters = client.subscribe(typeUrls.cluster, ["a", "b"]);
    await clusters.synced({ deadlineMs: 5000 });
    await server.close();
    expect(clusters.resources.size).toBe(2);
    const second = edit(first, (draft) => draft.set(edsCluster({ name: "b", connectTimeoutMs: 7 })));
    const back = await serveXds({
      hitless: { lingerMs: 1 },
      address: server.address,
      snapshots: new BehaviorSubject(second),
    });
    const sent: XdsEvent[] = [];
    back.events$.subscribe((event) => sent.push(event));
    try {
      const version = second.get(typeUrls.cluster, "b")?.version;
      await client.holds(typeUrls.cluster, "b", version, { deadlineMs: 5000 });
      await back.holds("tool", typeUrls.cluster, "b", { version: version! });
      expect(sent.flatMap((event) => (event.kind === "sent" ? event.names : []))).toEqual(["b"]);
    } finally {
      await back.close();
    }
  }));
