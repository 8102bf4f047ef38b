import { describe, expect, test } from "vitest";
import { type Delta, endOf, node, said } from "../support/streams.js";
import { can } from "../support/target.js";
import { CDS, EDS, LDS, SDS, type Type } from "../support/types.js";
import { carriers } from "../support/variants.js";
import { startWorld } from "../support/world.js";

/** Takes the next response, accepts it, and tells what it says. */
const accept = async (stream: Delta) => said(await stream.accept());
const ask = (stream: Delta, { typeUrl }: Type, ...resourceNamesSubscribe: string[]): void =>
  stream.send({ node, typeUrl, resourceNamesSubscribe });

describe.each(carriers)("delta over %s", (carrier) => {
  test("rule 33: a stale nonce does not keep new names from counting", async () => {
    await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
    const stream = world.delta(EDS, carrier);
    ask(stream, EDS, "a");
    const first = await stream.accept();
    await world.put(EDS.build("a", 2));
    expect(await accept(stream)).toEqual([["a"], []]);
    stream.ack(first, { resourceNamesSubscribe: ["b"] });
    expect(await accept(stream)).toEqual([["b"], []]);
    stream.send({ typeUrl: EDS.typeUrl, responseNonce: "never sent", resourceNamesUnsubscribe: ["a"] });
    await stream.silence();
    await world.put(EDS.build("a", 3));
    await stream.silence();
  });

  test("rule 33: a stale nonce rejects nothing", async () => {
    await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
    const stream = world.delta(EDS, carrier);
    ask(stream, EDS, "a", "b");
    const first = await stream.accept();
    await stream.silence();
    stream.nack(first, "bad endpoints of a");
    await stream.silence();
    await world.put(EDS.build("b", 2));
    expect(await accept(stream)).toEqual([["b"], []]);
  });

  test("rule 34: an ACK may change the subscription", async () => {
    await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
    const stream = world.delta(EDS, carrier);
    ask(stream, EDS, "a");
    stream.ack(await stream.next(), { resourceNamesSubscribe: ["b"], resourceNamesUnsubscribe: ["a"] });
    expect(await accept(stream)).toEqual([["b"], []]);
    await world.put(EDS.build("a", 2));
    await stream.silence();
  });

  test("rule 34: a rejection may change the subscription", async () => {
    await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
    const stream = world.delta(EDS, carrier);
    ask(stream, EDS, "a");
    stream.nack(await stream.next(), "bad endpoints of a", { resourceNamesSubscribe: ["b"] });
    expect((await stream.accept()).resources.map(({ name }) => name)).toContain("b");
  });

  test("rule 36: every name that is asked for is sent, also when the client has it", async () => {
    await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
    const stream = world.delta(EDS, carrier);
    ask(stream, EDS, "a", "b");
    expect(await accept(stream)).toEqual([["a", "b"], []]);
    for (let n = 0; n < 2; n++) {
      stream.send({ typeUrl: EDS.typeUrl, resourceNamesSubscribe: ["a"] });
      expect(await accept(stream)).toEqual([["a"], []]);
    }
    await stream.silence();
  });

  test.each([CDS, EDS, LDS])(
    "rule 37: a name of $label that does not exist is listed as removed at once, and sent when it is made",
    async (type) => {
      await using world = await startWorld([type.build("a")]);
      const stream = world.delta(type, carrier);
      ask(stream, type, "a", "ghost");
      expect(await accept(stream)).toEqual([["a"], ["ghost"]]);
      stream.send({ typeUrl: type.typeUrl, resourceNamesSubscribe: ["phantom"] });
      expect(await accept(stream)).toEqual([[], ["phantom"]]);
      await world.put(type.build("ghost"));
      expect(await accept(stream)).toEqual([["ghost"], []]);
      await world.drop(type, "ghost");
      expect(await accept(stream)).toEqual([[], ["ghost"]]);
    },
  );

  test("rule 38: unsubscribing is not answered, and what was not subscribed to is ignored", async () => {
    await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
    const stream = world.delta(EDS, carrier);
    ask(stream, EDS, "a", "b");
    expect(await accept(stream)).toEqual([["a", "b"], []]);
    for (const name of ["phantom", "a", "a"]) {
      stream.send({ typeUrl: EDS.typeUrl, resourceNamesUnsubscribe: [name] });
      await stream.silence();
    }
    await world.put(EDS.build("a", 2));
    await stream.silence();
    await world.drop(EDS, "a");
    await stream.silence();
    await world.put(EDS.build("b", 2));
    expect(await accept(stream)).toEqual([["b"], []]);
  });

  test("rule 39: only what has another version is sent, and equal content has an equal version", async () => {
    await using world = await startWorld([CDS.build("a"), CDS.build("b")]);
    const stream = world.delta(CDS, carrier);
    ask(stream, CDS);
    const first = await stream.accept();
    const versions = new Map(first.resources.map(({ name, version }) => [name, version]));
    expect([...versions.values()]).not.toContain("");
    await world.put(CDS.build("a", 2));
    const second = await stream.accept();
    expect(said(second)).toEqual([["a"], []]);
    expect(second.resources[0]?.version).not.toBe(versions.get("a"));
    await world.put(CDS.build("a"));
    const third = await stream.accept();
    expect(third.resources.map(({ name, version }) => [name, version])).toEqual([["a", versions.get("a")]]);
  });

  test("rule 40: of what a client holds, equal is skipped, changed is sent, vanished is removed", async () => {
    await using world = await startWorld([CDS.build("same"), CDS.build("changed", 2), CDS.build("new")]);
    const same = await versionOf(world.delta(CDS, carrier), CDS, "same");
    const stream = world.delta(CDS, carrier);
    const initialResourceVersions = { same, changed: "older", vanished: "whatever" };
    stream.send({ node, typeUrl: CDS.typeUrl, initialResourceVersions });
    expect(await accept(stream)).toEqual([["changed", "new"], ["vanished"]]);
    // Only the first request of a type says what is held.
    stream.send({ typeUrl: CDS.typeUrl, initialResourceVersions: { same: "older", "long gone": "1" } });
    await stream.silence();
    await world.put(CDS.build("same", 2));
    expect(await accept(stream)).toEqual([["same"], []]);
  });

  test("rule 41: names beside the versions held are skipped when they are equal", async () => {
    await using world = await startWorld([EDS.build("same"), EDS.build("changed", 2), EDS.build("other")]);
    const same = await versionOf(world.delta(EDS, carrier), EDS, "same");
    const stream = world.delta(EDS, carrier);
    stream.send({
      node,
      typeUrl: EDS.typeUrl,
      initialResourceVersions: { same, changed: "older", vanished: "whatever" },
      resourceNamesSubscribe: ["same", "changed", "vanished"],
    });
    expect(await accept(stream)).toEqual([["changed"], ["vanished"]]);
    await stream.silence();
    await world.put(EDS.build("same", 2));
    expect(await accept(stream)).toEqual([["same"], []]);
  });

  test("rule 42: what an earlier stream subscribed to is not kept", async () => {
    await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
    const before = world.delta(EDS, carrier);
    ask(before, EDS, "a", "b");
    expect(await accept(before)).toEqual([["a", "b"], []]);
    before.cancel();
    await endOf(before);
    const stream = world.delta(EDS, carrier);
    ask(stream, EDS, "a");
    expect(await accept(stream)).toEqual([["a"], []]);
    await world.put(EDS.build("b", 2));
    await stream.silence();
  });

  test.each([
    ["CDS without names", CDS, []],
    ["LDS without names", LDS, []],
    ["EDS with a star", EDS, ["*"]],
  ])("rule 43: a first wildcard request of %s gets an empty response when there is nothing", async (_, type, names) => {
    await using world = await startWorld();
    const stream = world.delta(type, carrier);
    ask(stream, type, ...names);
    const empty = await stream.next();
    expect([empty.typeUrl, ...said(empty)]).toEqual([type.typeUrl, [], []]);
    stream.ack(empty);
    await stream.silence();
  });
});

/** The version of a resource, as another client gets it. */
async function versionOf(stream: Delta, type: Type, name: string): Promise<string> {
  ask(stream, type, name);
  const response = await stream.accept();
  stream.cancel();
  return response.resources.find((one) => one.name === name)?.version ?? "";
}

test("rule 37: of a secret that does not exist, or is gone, nothing is said", async () => {
  await using world = await startWorld();
  const stream = world.delta(SDS);
  ask(stream, SDS, "ghost");
  await stream.silence();
  await world.put(SDS.build("ghost"));
  expect(await accept(stream)).toEqual([["ghost"], []]);
  await world.drop(SDS, "ghost");
  await stream.silence();
});

test("rule 39: the version of the whole is no matter: what is unchanged is not sent when another type changes", async () => {
  await using world = await startWorld([CDS.build("a"), EDS.build("a")]);
  const stream = world.delta(EDS);
  ask(stream, EDS, "a");
  expect(await accept(stream)).toEqual([["a"], []]);
  await world.put(CDS.build("b"), LDS.build("b"));
  await stream.silence();
});

test("rule 35: a request without a nonce is no answer, and its names count", async () => {
  await using world = await startWorld(["a", "b", "c"].map((name) => EDS.build(name)));
  const stream = world.delta(EDS);
  ask(stream, EDS, "a", "b");
  const first = await stream.next();
  stream.send({ typeUrl: EDS.typeUrl, resourceNamesSubscribe: ["c"] });
  expect(await accept(stream)).toEqual([["c"], []]);
  if (!can("search")) return;
  // The first response is still open: it can be rejected now, and that counts.
  stream.nack(first, "bad endpoints of b");
  expect(await accept(stream)).toEqual([["a"], []]);
  await stream.silence();
});

test("rule 45: several responses may be open, and each is accepted or rejected by its nonce", async () => {
  const names = ["a1", "a2", "b1", "b2", "c1", "c2"];
  await using world = await startWorld(names.map((name) => EDS.build(name)));
  const stream = world.delta(EDS);
  const open = [];
  for (const letter of ["a", "b", "c"]) {
    ask(stream, EDS, `${letter}1`, `${letter}2`);
    open.push(await stream.next());
  }
  expect(open.map(said)).toEqual([
    [["a1", "a2"], []],
    [["b1", "b2"], []],
    [["c1", "c2"], []],
  ]);
  // Out of order, and the last one is rejected.
  stream.ack(open[1]!);
  stream.nack(open[2]!, "bad endpoints of c1");
  stream.ack(open[0]!);
  if (can("search")) expect(await accept(stream)).toEqual([["c2"], []]);
  await stream.silence();
});
