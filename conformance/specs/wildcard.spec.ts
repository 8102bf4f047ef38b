import { describe, expect, test } from "vitest";
import { namesOf, node, said } from "../support/streams.js";
import { CDS, EDS, LDS } from "../support/types.js";
import { carriers, variants } from "../support/variants.js";
import { startWorld } from "../support/world.js";

describe.each(variants)("%s", (_, variant) => {
  const delta = variant.mode === "delta";

  test.each([CDS, LDS])("rule 26: a first request of $label without names is a wildcard", async (type) => {
    await using world = await startWorld([type.build("a")]);
    const client = world.client(type, variant);
    client.ask(type);
    expect((await client.accept()).names).toEqual(["a"]);
    await world.put(type.build("a", 2));
    expect((await client.accept()).names).toEqual(["a"]);
    await world.put(type.build("b"));
    expect((await client.accept()).names).toEqual(delta ? ["b"] : ["a", "b"]);
  });

  test("rule 31: no names of a type without a wildcard of old are nothing", async () => {
    await using world = await startWorld([EDS.build("a")]);
    const client = world.client(EDS, variant);
    client.ask(EDS);
    await client.silence();
    await world.put(EDS.build("a", 2), EDS.build("b"));
    await client.silence();
  });

  test("rule 32: a stream knows nothing of an earlier one's wildcard", async () => {
    await using world = await startWorld([CDS.build("a"), CDS.build("b")]);
    const before = world.client(CDS, variant);
    before.ask(CDS);
    expect((await before.accept()).names).toEqual(["a", "b"]);
    const stream = world.client(CDS, variant);
    stream.ask(CDS, "a");
    expect((await stream.accept()).names).toEqual(["a"]);
    await world.put(CDS.build("b", 2));
    await stream.silence();
    // And the other way round: one that named something does not keep the next from being a wildcard.
    const next = world.client(CDS, variant);
    next.ask(CDS);
    expect((await next.accept()).names).toEqual(["a", "b"]);
  });
});

describe.each(carriers)("SotW over %s", (carrier) => {
  test("rule 26: an ACK of a wildcard without names keeps it", async () => {
    await using world = await startWorld([CDS.build("a")]);
    const stream = world.sotw(CDS, carrier);
    stream.send({ node, typeUrl: CDS.typeUrl });
    for (let revision = 2; revision < 5; revision++) {
      stream.ack(await stream.next(), { resourceNames: [] });
      await world.put(CDS.build("a", revision), CDS.build(`b${revision}`));
    }
    expect(namesOf(await stream.next())).toEqual(["a", "b2", "b3", "b4"]);
  });

  test("rule 27: the first name ends the wildcard, and an empty list is then no wildcard", async () => {
    await using world = await startWorld([CDS.build("a"), CDS.build("b")]);
    const stream = world.sotw(CDS, carrier);
    stream.send({ node, typeUrl: CDS.typeUrl });
    const all = await stream.next();
    expect(namesOf(all)).toEqual(["a", "b"]);
    stream.ack(all, { resourceNames: ["a"] });
    const one = await stream.accept();
    expect(namesOf(one)).toEqual(["a"]);
    await world.put(CDS.build("b", 2));
    await stream.silence();
    await world.put(CDS.build("a", 2));
    const last = await stream.next();
    expect(namesOf(last)).toEqual(["a"]);
    stream.ack(last, { resourceNames: [] });
    await stream.silence();
    await world.put(CDS.build("a", 3), CDS.build("b", 3));
    await stream.silence();
  });

  test("rule 28: a star beside names keeps the wildcard, until a list comes without it", async () => {
    await using world = await startWorld([CDS.build("a"), CDS.build("b")]);
    const stream = world.sotw(CDS, carrier);
    stream.send({ node, typeUrl: CDS.typeUrl });
    const all = await stream.next();
    expect(namesOf(all)).toEqual(["a", "b"]);
    stream.ack(all, { resourceNames: ["*", "a"] });
    const again = await stream.accept();
    expect(namesOf(again)).toEqual(["a", "b"]);
    await world.put(CDS.build("b", 2));
    const changed = await stream.next();
    expect(namesOf(changed)).toEqual(["a", "b"]);
    stream.ack(changed, { resourceNames: ["a"] });
    await stream.silence();
    await world.put(CDS.build("b", 3));
    await stream.silence();
    await world.put(CDS.build("a", 2));
    expect(namesOf(await stream.accept())).toEqual(["a"]);
  });
});

describe.each(carriers)("delta over %s", (carrier) => {
  test("rule 27: a first name without a star is no wildcard, and unsubscribing it leaves nothing", async () => {
    await using world = await startWorld([CDS.build("a"), CDS.build("b")]);
    const stream = world.delta(CDS, carrier);
    stream.send({ node, typeUrl: CDS.typeUrl, resourceNamesSubscribe: ["a"] });
    expect(said(await stream.accept())).toEqual([["a"], []]);
    stream.send({ typeUrl: CDS.typeUrl, resourceNamesUnsubscribe: ["a"] });
    await stream.silence();
    await world.put(CDS.build("a", 2), CDS.build("b", 2));
    await stream.silence();
  });

  test("rule 28: a star beside names is a wildcard, until it is unsubscribed", async () => {
    await using world = await startWorld([CDS.build("a"), CDS.build("b")]);
    const stream = world.delta(CDS, carrier);
    stream.send({ node, typeUrl: CDS.typeUrl, resourceNamesSubscribe: ["*", "a"] });
    expect(said(await stream.accept())).toEqual([["a", "b"], []]);
    await world.put(CDS.build("b", 2));
    expect(said(await stream.accept())).toEqual([["b"], []]);
    stream.send({ typeUrl: CDS.typeUrl, resourceNamesUnsubscribe: ["*"] });
    await stream.silence();
    await world.put(CDS.build("b", 3));
    await stream.silence();
    await world.put(CDS.build("a", 2));
    expect(said(await stream.accept())).toEqual([["a"], []]);
  });

  test("rule 29: the wildcard stays when names are added, and only unsubscribing the star ends it", async () => {
    await using world = await startWorld([CDS.build("a"), CDS.build("b")]);
    const stream = world.delta(CDS, carrier);
    stream.send({ node, typeUrl: CDS.typeUrl });
    expect(said(await stream.accept())).toEqual([["a", "b"], []]);
    stream.send({ typeUrl: CDS.typeUrl, resourceNamesSubscribe: ["a"] });
    expect(said(await stream.accept())).toEqual([["a"], []]);
    await world.put(CDS.build("b", 2));
    expect(said(await stream.accept())).toEqual([["b"], []]);
    stream.send({ typeUrl: CDS.typeUrl, resourceNamesUnsubscribe: ["*"] });
    await stream.silence();
    await world.put(CDS.build("b", 3));
    await stream.silence();
    await world.put(CDS.build("a", 2));
    expect(said(await stream.accept())).toEqual([["a"], []]);
  });

  test("rule 30: unsubscribing a name beside a wildcard is answered with how it stands", async () => {
    await using world = await startWorld([CDS.build("a"), CDS.build("b")]);
    const stream = world.delta(CDS, carrier);
    stream.send({ node, typeUrl: CDS.typeUrl, resourceNamesSubscribe: ["*", "a", "ghost"] });
    expect(said(await stream.accept())).toEqual([["a", "b"], ["ghost"]]);
    stream.send({ typeUrl: CDS.typeUrl, resourceNamesUnsubscribe: ["a"] });
    expect(said(await stream.accept())).toEqual([["a"], []]);
    stream.send({ typeUrl: CDS.typeUrl, resourceNamesUnsubscribe: ["ghost"] });
    expect(said(await stream.accept())).toEqual([[], ["ghost"]]);
    await world.put(CDS.build("a", 2));
    expect(said(await stream.accept())).toEqual([["a"], []]);
  });
});
