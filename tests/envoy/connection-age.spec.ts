import { eventually, startLoad, upstream, withEnvoy } from "@rxds/testkit";
import { createSnapshot, edsCluster, endpoints, httpListener, routes, serveXds, type XdsEvent } from "rxds";
import { expect, test } from "vitest";

test.each(["delta", "sotw"] as const)(
  "an Envoy whose connections grow old moves to new ones, loses no request, and is not sent again what it holds (%s)",
  async (mode) => {
    await using red = await upstream({ name: "red" });
    const snapshot = createSnapshot([
      edsCluster({ name: "red" }),
      endpoints("red", [red.address]),
      httpListener({ name: "ingress", address: "127.0.0.1", port: 0, routeConfig: "main" }),
      routes("main", { "/": "red" }),
    ]);
    await using server = await serveXds({
      address: "127.0.0.1:0",
      snapshots: snapshot,
      limits: { connectionAgeMs: 1000 },
    });
    const events: XdsEvent[] = [];
    server.events$.subscribe((event) => events.push(event));
    await withEnvoy({ ads: server.address, mode, node: { id: "n1", cluster: "c" } }, async (envoy) => {
      await envoy.ready();
      const running = startLoad({ url: `http://${await envoy.listenerAddress("ingress")}/` });
      const connections = () => events.flatMap((event) => (event.kind === "connected" ? [event.address] : []));
      await eventually(() => expect(new Set(connections()).size).toBeGreaterThanOrEqual(4), { deadlineMs: 40_000 });
      const report = await running.stop();
      expect(report.failures).toEqual({});
      expect(report.succeeded).toBeGreaterThan(0);
      // In the state of the world only wildcards can be resumed.
      const sent = events.flatMap((event) => (event.kind === "sent" ? [event] : []));
      const counted = sent.filter(({ label }) => mode === "delta" || label === "CDS" || label === "LDS");
      const names = counted.flatMap(({ label, names }) => names.map((name) => `${label} ${name}`)).sort();
      const once = ["CDS red", "EDS red", "LDS ingress", "RDS main"];
      expect(names).toEqual(mode === "delta" ? once : ["CDS red", "LDS ingress"]);
      expect(events.filter(({ kind }) => kind === "rejected" || kind === "limited")).toEqual([]);
    });
  },
);
