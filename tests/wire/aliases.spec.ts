import { rawXds } from "@rxds/testkit";
import { createResource, createStore, routes, scoped, serveXds, typeUrls, virtualHost } from "rxds";
import { BehaviorSubject } from "rxjs";
import { expect, test } from "vitest";
import { cluster, namesOf, node, startWorld } from "./world.js";

const CDS = typeUrls.cluster;
const VHDS = typeUrls.virtualHost;

const aliased = (name: string, aliases: readonly string[], revision = 1) =>
  createResource(cluster(name, revision), { aliases });

test("a name that is an alias gets the resource, once, with its names", async () => {
  await using world = await startWorld([aliased("a", ["x", "y"]), cluster("b")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: CDS, resourceNamesSubscribe: ["x", "a", "y"] });
  const { resources, removedResources } = await stream.accept();
  expect(resources.map(({ name, aliases }) => ({ name, aliases }))).toEqual([{ name: "a", aliases: ["x", "y"] }]);
  expect(removedResources).toEqual([]);
  world.put(aliased("a", ["x", "y"], 2));
  expect(namesOf(await stream.accept())).toEqual(["a"]);
  world.put(cluster("b", 2));
  await stream.silence();
});

test("an alias that comes later brings the resource, one that goes takes it away, another resource may have it then", async () => {
  await using world = await startWorld([cluster("a"), cluster("b")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: CDS, resourceNamesSubscribe: ["x"] });
  expect((await stream.accept()).removedResources).toEqual(["x"]);
  world.put(aliased("a", ["x"]));
  expect(namesOf(await stream.accept())).toEqual(["a"]);
  world.put(cluster("a"), aliased("b", ["x"]));
  const moved = await stream.accept();
  expect([namesOf(moved), moved.removedResources]).toEqual([["b"], ["a"]]);
  world.put(cluster("a", 2));
  await stream.silence();
  world.drop(CDS, "b");
  expect((await stream.accept()).removedResources).toEqual(["b"]);
});

test("what was asked for by an alias can be let go by the resource's name", async () => {
  await using world = await startWorld([aliased("a", ["x"])]);
  const stream = world.delta();
  stream.send({ node, typeUrl: CDS, resourceNamesSubscribe: ["x"] });
  await stream.accept();
  stream.send({ typeUrl: CDS, resourceNamesUnsubscribe: ["a"] });
  await stream.silence();
  world.put(aliased("a", ["x"], 2));
  await stream.silence();
});

test("an alias that is let go beside a wildcard is answered with the resource", async () => {
  await using world = await startWorld([aliased("a", ["x"])]);
  const stream = world.delta();
  stream.send({ node, typeUrl: CDS, resourceNamesSubscribe: ["*", "x"] });
  expect(namesOf(await stream.accept())).toEqual(["a"]);
  stream.send({ typeUrl: CDS, resourceNamesUnsubscribe: ["x"] });
  const answer = await stream.accept();
  expect([namesOf(answer), answer.removedResources]).toEqual([["a"], []]);
});

test("a client that reconnects with an alias is sent nothing that it holds, and told what is gone", async () => {
  await using world = await startWorld([aliased("a", ["x"]), aliased("b", ["y"])]);
  const [a, b] = ["a", "b"].map((name) => world.store.get(CDS, name)!.version);
  const initialResourceVersions = { a: a!, b: b! };
  const stream = world.delta();
  stream.send({ node, typeUrl: CDS, resourceNamesSubscribe: ["x", "y"], initialResourceVersions });
  await stream.silence();
  world.drop(CDS, "b");
  expect((await stream.accept()).removedResources).toEqual(["b"]);
  const again = world.delta();
  again.send({ node, typeUrl: CDS, resourceNamesSubscribe: ["x", "y"], initialResourceVersions });
  const response = await again.accept();
  expect(namesOf(response)).toEqual([]);
  expect([...response.removedResources].sort()).toEqual(["b", "y"]);
});

test("a scope shows by an alias only what it shows by name", async () => {
  const store = createStore();
  store.update((tx) => tx.set(aliased("a", ["x"]), aliased("b", ["y"])));
  const scope$ = new BehaviorSubject({ [CDS]: ["a"] });
  await using server = await serveXds({ address: "127.0.0.1:0", snapshots: () => scoped(store, scope$) });
  await using stream = rawXds({ address: server.address, mode: "delta" });
  stream.send({ node, typeUrl: CDS, resourceNamesSubscribe: ["x", "y"] });
  const first = await stream.next();
  expect([namesOf(first), first.removedResources]).toEqual([["a"], ["y"]]);
  stream.ack(first);
  scope$.next({ [CDS]: ["b"] });
  const second = await stream.next();
  expect([namesOf(second), second.removedResources]).toEqual([["b"], ["a"]]);
});

test("an alias that is another resource's name, or another one's alias, refuses the configuration", async () => {
  await using world = await startWorld([aliased("a", ["x"]), cluster("b")]);
  expect(() => world.put(aliased("b", ["x"]))).toThrow(/"x" also stands for "a"/);
  expect(() => world.put(aliased("b", ["a"]))).toThrow(/"a" also stands for "a"/);
  expect(() => world.put(cluster("x"))).toThrow(/"x" also stands for "a"/);
});

const host = (name: string, domain: string) => virtualHost({ name, domains: [domain], routes: { "/": "c" } });

test("a virtual host is found by each of its domains; of an unknown one the client hears without a removal", async () => {
  await using world = await startWorld([host("r/1", "foo.test")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: VHDS, resourceNamesSubscribe: ["r/foo.test", "r/bar.test"] });
  const { resources, removedResources } = await stream.accept();
  const shown = resources.map(({ name, aliases, resource }) => [name, aliases, resource !== undefined]);
  expect(shown).toEqual([
    ["r/1", ["r/foo.test"], true],
    ["r/bar.test", ["r/bar.test"], false],
  ]);
  expect(removedResources).toEqual([]);
  world.put(host("r/2", "bar.test"));
  expect(namesOf(await stream.accept())).toEqual(["r/2"]);
  world.drop(VHDS, "r/2");
  expect((await stream.accept()).removedResources).toEqual(["r/2"]);
  stream.send({ typeUrl: VHDS, resourceNamesSubscribe: ["r/bar.test"] });
  const [unknown] = (await stream.accept()).resources;
  expect([unknown?.name, unknown?.aliases, unknown?.resource]).toEqual(["r/bar.test", ["r/bar.test"], undefined]);
});

test("virtual hosts go again with their route configuration, and only those", async () => {
  const options = [true, false] as const;
  for (const resendVirtualHosts of options) {
    await using world = await startWorld(
      [host("r/1", "foo.test"), host("s/1", "foo.test"), routes("r", { "/": "a" }), routes("s", { "/": "a" })],
      { resendVirtualHosts },
    );
    const stream = world.delta();
    stream.send({ node, typeUrl: typeUrls.routes, resourceNamesSubscribe: ["r", "s"] });
    await stream.accept();
    stream.send({ typeUrl: VHDS, resourceNamesSubscribe: ["r/foo.test", "s/foo.test", "r/unknown.test"] });
    await stream.accept();
    world.put(routes("r", { "/": "b" }));
    expect((await stream.accept()).typeUrl).toBe(typeUrls.routes);
    if (resendVirtualHosts) expect(namesOf(await stream.accept())).toEqual(["r/1"]);
    await stream.silence();
  }
});
