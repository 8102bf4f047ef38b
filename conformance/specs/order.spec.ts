import { describe, expect, test } from "vitest";
import type { Answer, Client } from "../support/client.js";
import { cluster } from "../support/clusters.js";
import { node } from "../support/streams.js";
import { partial } from "../support/target.js";
import { CDS, ECDS, EDS, LDS, RDS } from "../support/types.js";
import { modes } from "../support/variants.js";
import { startWorld } from "../support/world.js";

const config = (revision: number) => [
  ECDS.build("heard"),
  ECDS.build("heard-again"),
  CDS.build("a", revision),
  CDS.build("b", revision),
  EDS.build("a", revision),
  EDS.build("b", revision),
  LDS.build("ingress", revision),
  RDS.build("main", revision),
];

/**
 * Waits until the server has heard of every ACK so far: it answers requests in order. What matters to these tests must not be
 * open then, so a type is asked for that they are not about.
 */
async function heard(client: Client, name = "heard"): Promise<void> {
  client.ask(ECDS, name);
  expect((await client.accept()).typeUrl).toBe(ECDS.typeUrl);
}

/** Asks for everything, in the order given, and accepts it. */
async function askForAll(client: Client, order = [CDS, EDS, LDS, RDS]): Promise<void> {
  for (const type of order) {
    client.ask(type, ...(type === EDS ? ["a", "b"] : type === RDS ? ["main"] : []));
    await client.accept();
  }
}

describe.each(modes)("%s over ADS", (mode) => {
  const variant = { mode, carrier: "ADS" } as const;

  test("rule 47: one change of everything arrives as CDS, EDS, LDS, RDS", async () => {
    await using world = await startWorld(config(1));
    const client = world.client(CDS, variant);
    // The order of the requests is another one.
    await askForAll(client, [RDS, LDS, EDS, CDS]);
    for (const revision of [2, 3]) {
      await heard(client, revision === 2 ? "heard" : "heard-again");
      await world.put(...config(revision).reverse());
      const order: Answer[] = [];
      for (let n = 0; n < 4; n++) order.push(await client.accept());
      expect(order.map(({ typeUrl }) => typeUrl)).toEqual([CDS.typeUrl, EDS.typeUrl, LDS.typeUrl, RDS.typeUrl]);
    }
    await client.silence();
  });

  test("rule 48: a new route comes behind the cluster that it needs", async () => {
    await using world = await startWorld(config(1));
    const client = world.client(CDS, variant);
    await askForAll(client, [RDS, LDS, EDS, CDS]);
    await heard(client);
    await world.put(RDS.build("main", 2), CDS.build("new"));
    const clusters = await client.accept();
    expect([clusters.typeUrl, clusters.names.includes("new")]).toEqual([CDS.typeUrl, true]);
    expect(await client.accept()).toMatchObject({ typeUrl: RDS.typeUrl, names: ["main"] });
  });

  test("rule 49: the unchanged endpoints of a changed cluster come right behind it, those of others need not", async () => {
    await using world = await startWorld(config(1));
    const client = world.client(CDS, variant);
    await askForAll(client, [CDS, EDS, LDS]);
    await heard(client);
    await world.put(CDS.build("a", 2), LDS.build("ingress", 2));
    const clusters = await client.accept();
    expect([clusters.typeUrl, clusters.names]).toEqual([CDS.typeUrl, mode === "delta" ? ["a"] : ["a", "b"]]);
    const names = mode === "delta" ? ["a"] : partial(["a"], ["a", "b"]);
    expect(await client.accept()).toMatchObject({ typeUrl: EDS.typeUrl, names, removed: [] });
    expect((await client.accept()).typeUrl).toBe(LDS.typeUrl);
    await client.silence();
  });

  test("rule 49: a change of endpoints alone brings no cluster", async () => {
    await using world = await startWorld(config(1));
    const client = world.client(CDS, variant);
    await askForAll(client, [CDS, EDS]);
    await world.put(EDS.build("b", 2));
    expect((await client.accept()).typeUrl).toBe(EDS.typeUrl);
    await client.silence();
  });

  test("rule 50: endpoints are sent before the clusters that need them are accepted", async () => {
    await using world = await startWorld(config(1));
    const client = world.client(CDS, variant);
    client.ask(CDS);
    const clusters = await client.next();
    client.ask(EDS, "a", "b");
    expect(await client.accept()).toMatchObject({ typeUrl: EDS.typeUrl, names: ["a", "b"] });
    clusters.ack();
    await client.silence();
  });

  test("rule 50: the endpoints of a cluster that was added come before the clusters are accepted", async () => {
    await using world = await startWorld(config(1));
    const client = world.client(CDS, variant);
    await askForAll(client, [CDS, EDS]);
    await world.put(CDS.build("c"), EDS.build("c"));
    const clusters = await client.next();
    expect(clusters.names).toContain("c");
    client.ask(EDS, "c");
    expect((await client.accept()).names).toContain("c");
    clusters.ack();
    await client.silence();
  });

  test("rule 51: the routes of a new listener come behind it, without its being accepted", async () => {
    await using world = await startWorld(config(1));
    const client = world.client(CDS, variant);
    await askForAll(client, [CDS]);
    client.ask(LDS);
    const listeners = await client.next();
    client.ask(RDS, "main");
    expect(await client.accept()).toMatchObject({ typeUrl: RDS.typeUrl, names: ["main"] });
    listeners.ack();
    await client.silence();
  });

  test("rule 52: the endpoints go with the cluster under its service name", async () => {
    await using world = await startWorld([cluster("a", 1, "a.default"), EDS.build("a.default"), EDS.build("a")]);
    const client = world.client(CDS, variant);
    client.ask(CDS);
    await client.accept();
    client.ask(EDS, "a.default", "a");
    await client.accept();
    await client.silence();
    await world.put(cluster("a", 2, "a.default"));
    expect((await client.accept()).typeUrl).toBe(CDS.typeUrl);
    const names = mode === "delta" ? ["a.default"] : partial(["a.default"], ["a", "a.default"]);
    expect(await client.accept()).toMatchObject({ typeUrl: EDS.typeUrl, names });
    await client.silence();
  });

  test("rule 53: changes that come while a response is open arrive together", async () => {
    await using world = await startWorld(config(1));
    const client = world.client(CDS, variant);
    client.ask(CDS);
    const first = await client.next();
    const changes = 120;
    for (let revision = 2; revision <= changes; revision++) await world.put(CDS.build("a", revision));
    await world.put(CDS.build("last"));
    first.ack();
    let responses = 1;
    while (!(await client.accept()).names.includes("last")) responses++;
    // Some may go out before the first is answered: a client that never answers is not left alone for ever.
    expect(responses).toBeLessThan(changes / 4);
  });
});

test("rule 47: in delta what is stale in CDS and EDS is removed after the listeners and routes of the same change", async () => {
  await using world = await startWorld(config(1));
  const stream = world.delta(CDS);
  for (const [type, ...names] of [[CDS], [EDS, "a", "b"], [LDS], [RDS, "main"]] as const) {
    stream.send({ node, typeUrl: type.typeUrl, resourceNamesSubscribe: names });
    await stream.accept();
  }
  await stream.silence();
  await world.change(
    [LDS.build("ingress", 2), RDS.build("main", 2)],
    [
      [CDS, "b"],
      [EDS, "b"],
    ],
  );
  const order: [string, string[]][] = [];
  while (order.length < 4) {
    const { typeUrl, removedResources } = await stream.accept();
    order.push([typeUrl, removedResources]);
  }
  expect(order).toEqual([
    [LDS.typeUrl, []],
    [RDS.typeUrl, []],
    [CDS.typeUrl, ["b"]],
    [EDS.typeUrl, ["b"]],
  ]);
});

test("rule 47: in the state of the world a removed cluster stays until the listeners and routes of the same change are out", async () => {
  await using world = await startWorld(config(1));
  const client = world.client(CDS, { mode: "SotW", carrier: "ADS" });
  await askForAll(client);
  await heard(client);
  await world.change([CDS.build("c"), RDS.build("main", 2)], [[CDS, "b"]]);
  const union = await client.accept();
  expect([union.typeUrl, union.names]).toEqual([CDS.typeUrl, ["a", "b", "c"]]);
  expect((await client.accept()).typeUrl).toBe(RDS.typeUrl);
  const rest = await client.accept();
  expect([rest.typeUrl, rest.names]).toEqual([CDS.typeUrl, ["a", "c"]]);
});

test("rule 47: in the state of the world a removed cluster goes also when the clusters are accepted before the routes are out", async () => {
  await using world = await startWorld(config(1));
  const client = world.client(CDS, { mode: "SotW", carrier: "ADS" });
  client.ask(CDS);
  await client.accept();
  client.ask(RDS, "main");
  // As long as this is open, the next routes wait.
  const routes = await client.next();
  client.ask(EDS, "a");
  await client.accept();
  await world.change([CDS.build("c"), RDS.build("main", 2)], [[CDS, "b"]]);
  const union = await client.accept();
  expect([union.typeUrl, union.names]).toEqual([CDS.typeUrl, ["a", "b", "c"]]);
  // The server has heard of the ACK when it answers this.
  client.ask(EDS, "b");
  await client.accept();
  routes.ack();
  expect((await client.accept()).typeUrl).toBe(RDS.typeUrl);
  expect(await client.accept()).toMatchObject({ typeUrl: CDS.typeUrl, names: ["a", "c"] });
});

test("rule 54: the removal of an extension comes after the listener that lets go of it", async () => {
  await using world = await startWorld([ECDS.build("filter"), LDS.build("ingress")]);
  const stream = world.delta(LDS);
  stream.send({ node, typeUrl: LDS.typeUrl });
  await stream.accept();
  stream.send({ typeUrl: ECDS.typeUrl, resourceNamesSubscribe: ["filter"] });
  await stream.accept();
  await stream.silence();
  await world.change([LDS.build("ingress", 2)], [[ECDS, "filter"]]);
  expect((await stream.accept()).typeUrl).toBe(LDS.typeUrl);
  const removal = await stream.accept();
  expect([removal.typeUrl, removal.removedResources]).toEqual([ECDS.typeUrl, ["filter"]]);
});
