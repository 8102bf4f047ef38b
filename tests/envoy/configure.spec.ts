import { eventually, httpGet, upstream, withEnvoy } from "@rxds/testkit";
import { createSnapshot, edit, edsCluster, endpoints, httpListener, routes, serveXds, typeUrls } from "rxds";
import { BehaviorSubject } from "rxjs";
import { expect, test } from "vitest";

test.each(["delta", "sotw"] as const)(
  "a typed snapshot reaches a real Envoy and routes a request (%s)",
  async (mode) => {
    await using red = await upstream({ name: "red" });
    await using blue = await upstream({ name: "blue" });
    const first = createSnapshot([
      edsCluster({ name: "echo" }),
      endpoints("echo", [red.address]),
      httpListener({ name: "ingress", port: 0, address: "127.0.0.1", routeConfig: "main" }),
      routes("main", { "/": "echo" }),
    ]);
    const snapshot$ = new BehaviorSubject(first);
    const server = await serveXds({ address: "127.0.0.1:0", snapshots: snapshot$ });
    const log: string[] = [];
    server.events$.subscribe((event) => log.push(`${event.kind} ${event.detail}`));
    try {
      await withEnvoy({ ads: server.address, mode, node: { id: "n1", cluster: "c" } }, async (envoy) => {
        await envoy.ready();
        await server.converged(first.version);
        const address = await envoy.listenerAddress("ingress");
        const get = () => httpGet(`http://${address}/`);
        expect(await get()).toMatchObject({ status: 200, body: "red" });
        const second = edit(first, (draft) => draft.set(endpoints("echo", [blue.address])));
        snapshot$.next(second);
        await server.converged(second.version);
        await eventually(async () => expect(await get()).toMatchObject({ status: 200, body: "blue" }));
        const changed = edit(second, (draft) => draft.set(edsCluster({ name: "echo", connectTimeoutMs: 700 })));
        snapshot$.next(changed);
        await server.converged(changed.version, { deadlineMs: 10_000 });
        expect(await get()).toMatchObject({ status: 200, body: "blue" });
        await server.holds("n1", typeUrls.cluster, "echo");
      });
    } finally {
      await server.close();
    }
  },
);
