import { httpListener, routes, typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { modes, openClient } from "./client.js";
import { cluster, hosts, startWorld } from "./world.js";

const config = (revision: number) => [
  cluster("a", revision),
  cluster("b", revision),
  hosts("a", revision),
  hosts("b", revision),
  httpListener({ name: "ingress", port: 10_000 + revision, routeConfig: "main" }),
  routes("main", { [`/v${revision}`]: "a" }),
];

describe.each(modes)("%s", (mode) => {
  test("one commit that changes everything arrives as CDS, EDS, LDS, RDS", async () => {
    await using world = await startWorld(config(1));
    const client = openClient(world, mode);
    // The order of the requests is another one.
    client.ask(typeUrls.routes, "main");
    await client.accept();
    client.ask(typeUrls.listener);
    await client.accept();
    client.ask(typeUrls.endpoints, "a", "b");
    await client.accept();
    client.ask(typeUrls.cluster);
    await client.accept();
    await world.server.converged(undefined, { clients: 1 });
    for (const revision of [2, 3]) {
      world.put(...config(revision).reverse());
      const order = [await client.accept(), await client.accept(), await client.accept(), await client.accept()];
      expect(order.map(({ typeUrl, names }) => [typeUrl, names])).toEqual([
        [typeUrls.cluster, ["a", "b"]],
        [typeUrls.endpoints, ["a", "b"]],
        [typeUrls.listener, ["ingress"]],
        [typeUrls.routes, ["main"]],
      ]);
      await world.server.converged();
    }
    await client.silence();
  });

  test("the unchanged endpoints of a changed cluster come right behind it, those of others do not", async () => {
    await using world = await startWorld(config(1));
    const client = openClient(world, mode);
    client.ask(typeUrls.cluster);
    await client.accept();
    client.ask(typeUrls.endpoints, "a", "b");
    await client.accept();
    client.ask(typeUrls.listener);
    await client.accept();
    await world.server.converged(undefined, { clients: 1 });
    world.put(cluster("a", 2), httpListener({ name: "ingress", port: 10_002, routeConfig: "main" }));
    const clusters = await client.accept();
    expect(clusters.typeUrl).toBe(typeUrls.cluster);
    expect(clusters.names).toEqual(mode === "delta" ? ["a"] : ["a", "b"]);
    expect(await client.accept()).toMatchObject({ typeUrl: typeUrls.endpoints, names: ["a"], removed: [] });
    expect(await client.accept()).toMatchObject({ typeUrl: typeUrls.listener, names: ["ingress"] });
    await client.silence();
  });

  test("the endpoints go with the cluster also under its service name", async () => {
    const named = (revision: number) => {
      const message = cluster("a", revision);
      message.edsClusterConfig!.serviceName = "a.default";
      return message;
    };
    await using world = await startWorld([named(1), hosts("a.default"), hosts("a")]);
    const client = openClient(world, mode);
    client.ask(typeUrls.cluster);
    await client.accept();
    client.ask(typeUrls.endpoints, "a.default", "a");
    await client.accept();
    world.put(named(2));
    expect((await client.accept()).typeUrl).toBe(typeUrls.cluster);
    expect(await client.accept()).toMatchObject({ typeUrl: typeUrls.endpoints, names: ["a.default"] });
    await client.silence();
  });

  test("a change of endpoints alone brings no cluster", async () => {
    await using world = await startWorld(config(1));
    const client = openClient(world, mode);
    client.ask(typeUrls.cluster);
    await client.accept();
    client.ask(typeUrls.endpoints, "a", "b");
    await client.accept();
    world.put(hosts("b", 2));
    expect(await client.accept()).toMatchObject({ typeUrl: typeUrls.endpoints, names: ["b"] });
    await client.silence();
  });

  test("what is removed of clusters and endpoints goes after the news of listeners and routes", async () => {
    await using world = await startWorld(config(1));
    const client = openClient(world, mode);
    for (const [type, ...names] of [
      [typeUrls.cluster],
      [typeUrls.endpoints, "a", "b"],
      [typeUrls.listener],
      [typeUrls.routes, "main"],
    ] as const) {
      client.ask(type, ...names);
      await client.accept();
    }
    await world.server.converged(undefined, { clients: 1 });
    world.store.update((tx) => {
      tx.delete(typeUrls.cluster, "a");
      tx.delete(typeUrls.endpoints, "a");
      tx.set(cluster("c"), routes("main", { "/": "c" }));
    });
    const said = [];
    for (let n = 0; n < (mode === "delta" ? 4 : 3); n++) said.push(await client.accept());
    const short = said.map(({ typeUrl, names, removed }) => [typeUrl, names, removed]);
    expect(short).toEqual(
      mode === "delta"
        ? [
            [typeUrls.cluster, ["c"], []],
            [typeUrls.routes, ["main"], []],
            [typeUrls.cluster, [], ["a"]],
            [typeUrls.endpoints, [], ["a"]],
          ]
        : [
            [typeUrls.cluster, ["a", "b", "c"], []],
            [typeUrls.routes, ["main"], []],
            [typeUrls.cluster, ["b", "c"], []],
          ],
    );
    await client.silence();
    await world.server.converged();
  });
});
