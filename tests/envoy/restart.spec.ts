import { eventually, startLoad, upstream, withEnvoy } from "@rxds/testkit";
import { createSnapshot, edsCluster, endpoints, httpListener, routes, serveXds, typeUrls, type XdsEvent } from "rxds";
import { delay, of, ReplaySubject } from "rxjs";
import { expect, test } from "vitest";

/** How long the restarted control plane does not know its configuration. */
const DELAY_MS = 5000;

test.each(["delta", "sotw"] as const)(
  "a control plane that restarts with the same snapshot, 5 s late, costs Envoy nothing (%s)",
  async (mode) => {
    await using red = await upstream({ name: "red" });
    const build = () =>
      createSnapshot([
        edsCluster({ name: "red" }),
        endpoints("red", [red.address]),
        httpListener({ name: "ingress", address: "127.0.0.1", port: 0, routeConfig: "main" }),
        routes("main", { "/": "red" }),
      ]);
    const first = await serveXds({ address: "127.0.0.1:0", snapshots: of(build()) });
    await withEnvoy({ ads: first.address, mode, node: { id: "n1", cluster: "c" } }, async (envoy) => {
      await envoy.ready();
      await first.converged();
      const running = startLoad({ url: `http://${await envoy.listenerAddress("ingress")}/` });
      await eventually(() => expect(running.report().succeeded).toBeGreaterThan(100));
      await first.close();

      const events = new ReplaySubject<XdsEvent>();
      const second = await serveXds({ address: first.address, snapshots: of(build()).pipe(delay(DELAY_MS)) });
      second.events$.subscribe(events);
      try {
        const early = running.report().succeeded;
        await second.converged(build().version, { clients: 1, deadlineMs: 30_000 });
        await eventually(() => expect(second.clients().flatMap(({ types }) => types)).toHaveLength(4));
        await second.converged();
        expect(running.report().succeeded).toBeGreaterThan(early);
        const report = await running.stop();
        expect(report.failures).toEqual({});

        const said: XdsEvent[] = [];
        events.subscribe((event) => said.push(event));
        const sent = said.filter((event) => event.kind === "sent");
        expect(sent.flatMap(({ removedNames }) => removedNames)).toEqual([]);
        // In delta the client said what it has, and that was all. In the state of the world that goes for wildcards only.
        const resent = sent.filter(({ label }) => mode === "delta" || label === "CDS" || label === "LDS");
        expect(resent.flatMap(({ names }) => names)).toEqual([]);
        expect(said.filter(({ kind }) => kind === "rejected")).toEqual([]);
        const { clusterStatuses } = await envoy.clusters();
        expect(clusterStatuses.map(({ name }) => name)).toContain("red");
        expect((await envoy.listeners()).listenerStatuses).toHaveLength(1);
        await second.holds("n1", typeUrls.cluster, "red");
      } finally {
        await second.close();
      }
    });
  },
);
