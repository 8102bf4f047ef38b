import { eventually } from "@rxds/testkit";
import { type HitlessOptions, httpListener, routes, typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { type Client, modes, openClient } from "./client.js";
import { cluster, hosts, namesOf, startWorld, type World } from "./world.js";

const CDS = typeUrls.cluster;
const EDS = typeUrls.endpoints;
const LDS = typeUrls.listener;
const RDS = typeUrls.routes;

/** A client with clusters, endpoints and routes that are as they should be. */
async function settled(mode: "delta" | "sotw", options: HitlessOptions | false = { lingerMs: 50, drainMs: 50 }) {
  const world = await startWorld(
    [cluster("a"), hosts("a"), cluster("b"), hosts("b"), routes("main", { "/": "a" }), routes("other", { "/": "b" })],
    { hitless: options },
  );
  const client = openClient(world, mode);
  client.ask(CDS);
  await client.accept();
  client.ask(EDS, "a", "b", "new");
  await client.accept();
  client.ask(RDS, "main", "other");
  await client.accept();
  await world.server.converged(undefined, { clients: 1 });
  return { world, client };
}

const typesOf = (world: World) => world.server.clients()[0]?.types ?? [];
const held = (world: World) => typesOf(world).flatMap((one) => one.held.map(({ name, waitsFor }) => [name, waitsFor]));
const leaving = (world: World) => typesOf(world).flatMap((one) => one.leaving.map(({ name }) => name));
const short = async (client: Client) => {
  const { typeUrl, names, removed } = await client.next();
  return [typeUrl, names, removed];
};

describe.each(modes)("%s", (mode) => {
  test("routes wait until the new clusters that they name are accepted, other routes do not", async () => {
    const { world, client } = await settled(mode);
    await using _ = world;
    world.put(cluster("new"), hosts("new"), routes("main", { "/": "new" }), routes("other", { "/x": "b" }));
    const clusters = await client.next();
    expect([clusters.typeUrl, clusters.names.includes("new")]).toEqual([CDS, true]);
    await client.accept(); // its endpoints
    if (mode === "delta") expect(await short(client)).toEqual([RDS, ["other"], []]);
    else expect((await client.next()).names).toEqual(["other"]);
    clusters.ack();
    expect((await client.next()).names).toContain("main");
  });

  test("what waits, and for what, is in the status and in an event", async () => {
    const { world, client } = await settled(mode);
    await using _ = world;
    world.put(cluster("new"), routes("main", { "/": "new" }));
    (await client.next()).ack();
    // It is accepted, but has no endpoints yet.
    await eventually(() => expect(held(world)).toEqual([["main", ["new"]]]));
    expect(world.events.filter(({ kind }) => kind === "held")).toMatchObject([
      { type: RDS, name: "main", waitsFor: ["new"], overdue: false, node: { id: "n1" } },
    ]);
    await expect(world.server.holds("n1", RDS, "main", { deadlineMs: 20 })).rejects.toThrow("new");
    world.put(hosts("new"));
    expect(await client.accept()).toMatchObject({ typeUrl: EDS, names: ["new"] });
    expect(await client.accept()).toMatchObject({ typeUrl: RDS, names: ["main"] });
    expect(held(world)).toEqual([]);
  });

  test("a cluster that is gone stays until nothing leads to it, and a while longer", async () => {
    const { world, client } = await settled(mode, { lingerMs: 50 });
    await using _ = world;
    world.store.update((tx) => {
      tx.delete(CDS, "a");
      tx.set(routes("main", { "/": "b" }));
    });
    if (mode === "sotw") expect(await short(client)).toEqual([CDS, ["a", "b"], []]);
    const routed = await client.next();
    expect([routed.typeUrl, routed.names]).toEqual([RDS, ["main"]]);
    await eventually(() => expect(leaving(world)).toEqual(["a"]));
    const by = typesOf(world).flatMap((one) => one.leaving.map(({ usedBy }) => usedBy));
    expect(by).toEqual([{ type: RDS, name: "main" }]);
    routed.ack();
    const gone = await client.next();
    expect([gone.typeUrl, gone.names.includes("a"), gone.removed]).toEqual([CDS, false, mode === "delta" ? ["a"] : []]);
    expect(leaving(world)).toEqual([]);
  });

  test("a route that waits keeps the cluster that it leads to now", async () => {
    const { world, client } = await settled(mode, { lingerMs: 1 });
    await using _ = world;
    world.store.update((tx) => {
      tx.delete(CDS, "a");
      tx.set(cluster("new"), routes("main", { "/": "new" }));
    });
    (await client.next()).ack();
    await eventually(() => expect(leaving(world)).toEqual(["a"]));
    await client.silence();
    expect(leaving(world)).toEqual(["a"]);
    world.put(hosts("new"));
    expect(await client.accept()).toMatchObject({ typeUrl: EDS, names: ["new"] });
    expect(await client.accept()).toMatchObject({ typeUrl: RDS, names: ["main"] });
    const gone = await client.next();
    expect([gone.typeUrl, gone.names.includes("a")]).toEqual([CDS, false]);
  });

  test("a rejected new cluster holds back only what leads to it, and what it replaced stays", async () => {
    const { world, client } = await settled(mode, { lingerMs: 1 });
    await using _ = world;
    world.store.update((tx) => {
      tx.delete(CDS, "a");
      tx.set(cluster("new"), hosts("new"), routes("main", { "/": "new" }), routes("other", { "/x": "b" }));
    });
    (await client.next()).nack("Error adding/updating cluster(s) new: no good");
    const seen: (readonly string[])[] = [];
    while (seen.length < 2) {
      const answer = await client.accept();
      seen.push([answer.typeUrl, ...answer.names]);
    }
    expect(seen).toContainEqual([RDS, "other"]);
    await eventually(() => expect(held(world)).toEqual([["main", ["new"]]]));
    expect(leaving(world)).toEqual(["a"]);
    world.put(cluster("new", 2));
    const mended = await client.accept();
    expect([mended.typeUrl, mended.names.includes("new")]).toEqual([CDS, true]);
    for (;;) {
      const { typeUrl, names, removed } = await client.accept();
      if (typeUrl === CDS && (mode === "delta" ? removed.includes("a") : !names.includes("a"))) break;
    }
    await world.server.converged(undefined, { clients: 1 });
  });

  test("a wait that takes too long is told, and may be ended", async () => {
    const { world, client } = await settled(mode, { gateTimeoutMs: 30 });
    await using _ = world;
    world.put(cluster("new"), routes("main", { "/": "new" }));
    await client.accept();
    await eventually(() =>
      expect(world.events).toContainEqual(expect.objectContaining({ kind: "held", overdue: true })),
    );
    await client.silence();
    const [{ stream } = { stream: 0 }] = world.server.clients();
    expect([world.server.release(stream), world.server.release(-1)]).toEqual([true, false]);
    expect(await client.accept()).toMatchObject({ typeUrl: RDS, names: ["main"] });
  });

  test("a wait that takes too long may end by itself", async () => {
    const { world, client } = await settled(mode, { gateTimeoutMs: 30, onGateTimeout: "proceed" });
    await using _ = world;
    world.put(cluster("new"), routes("main", { "/": "new" }));
    await client.accept();
    expect(await client.accept()).toMatchObject({ typeUrl: RDS, names: ["main"] });
  });

  test("without the option everything goes at once, in order", async () => {
    const { world, client } = await settled(mode, false);
    await using _ = world;
    world.store.update((tx) => {
      tx.delete(CDS, "a");
      tx.set(cluster("new"), routes("main", { "/": "new" }));
    });
    const seen = [await client.next(), await client.next()];
    expect(seen.map(({ typeUrl }) => typeUrl)).toEqual([CDS, RDS]);
    seen[0]!.ack();
    expect((await client.next()).names).not.toContain("a");
  });
});

test("a state-of-the-world client that reconnects keeps what it is led to until it is led elsewhere", async () => {
  const { world, client } = await settled("sotw", { lingerMs: 1 });
  await using _ = world;
  const before = world.sotw();
  before.send({ node: { id: "n2" }, typeUrl: CDS });
  const { versionInfo } = await before.accept();
  await before[Symbol.asyncDispose]();
  world.store.update((tx) => {
    tx.delete(CDS, "a");
    tx.set(cluster("new"), hosts("new"), routes("main", { "/": "new" }));
  });
  await client.next();
  const again = world.sotw();
  again.send({ node: { id: "n2" }, typeUrl: CDS, versionInfo });
  again.send({ typeUrl: EDS, resourceNames: ["a", "b", "new"] });
  again.send({ typeUrl: RDS, resourceNames: ["main", "other"] });
  const clusters = await again.nextOfType(CDS);
  expect(namesOf(clusters)).toEqual(["a", "b", "new"]);
  const others = await again.nextOfType(RDS);
  expect(namesOf(others)).toEqual(["other"]);
  again.ack(others);
  again.ack(clusters);
  const main = await again.nextOfType(RDS);
  expect(namesOf(main)).toEqual(["main"]);
  again.ack(main);
  expect(namesOf(await again.nextOfType(CDS))).toEqual(["b", "new"]);
});

test("a state-of-the-world client that nobody remembers is led elsewhere before its clusters go", async () => {
  await using world = await startWorld(
    [
      cluster("b"),
      hosts("b"),
      cluster("new"),
      hosts("new"),
      routes("main", { "/": "b" }),
      routes("other", { "/": "new" }),
    ],
    { hitless: { lingerMs: 20 } },
  );
  const client = world.sotw();
  client.send({ node: { id: "n1" }, typeUrl: CDS, versionInfo: "of-another-server" });
  // It has the cluster b, and others that are gone; not the cluster new.
  client.send({ typeUrl: EDS, resourceNames: ["a", "b"] });
  client.send({ typeUrl: RDS, resourceNames: ["main", "other"] });
  client.ack(await client.nextOfType(EDS));
  const first = await client.next();
  expect([first.typeUrl, namesOf(first)]).toEqual([RDS, ["main"]]);
  client.ack(first);
  const clusters = await client.next();
  expect([clusters.typeUrl, namesOf(clusters)]).toEqual([CDS, ["b", "new"]]);
  client.ack(clusters);
  const second = await client.next();
  expect([second.typeUrl, namesOf(second)]).toEqual([RDS, ["other"]]);
});

test.each(modes)(
  "%s: a listener whose successor at its address is rejected comes back until that is mended",
  async (mode) => {
    const listener = (name: string, connectionLimit = 1) => {
      const made = httpListener({ name, port: 10_000, routeConfig: "main" });
      made.perConnectionBufferLimitBytes = connectionLimit;
      return made;
    };
    await using world = await startWorld([listener("old")]);
    const client = openClient(world, mode);
    client.ask(CDS);
    await client.accept();
    client.ask(LDS);
    const first = await client.accept();
    world.store.update((tx) => {
      tx.delete(LDS, "old");
      tx.set(listener("new"));
    });
    const handed = await client.next();
    expect([handed.names, handed.removed]).toEqual([["new"], mode === "delta" ? ["old"] : []]);
    handed.nack("Error adding/updating listener(s) new: no good");
    const back = await client.accept();
    expect([back.names, back.body("old")]).toEqual([["old"], first.body("old")]);
    await client.silence();
    world.put(listener("new", 2));
    const mended = await client.accept();
    expect([mended.names, mended.removed]).toEqual([["new"], mode === "delta" ? ["old"] : []]);
    await world.server.converged(undefined, { clients: 1 });
    await client.silence();
  },
);
