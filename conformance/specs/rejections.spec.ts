import { describe, expect, test } from "vitest";
import type { Client } from "../support/client.js";
import { bodiesOf, namesOf, node, said } from "../support/streams.js";
import { can } from "../support/target.js";
import { CDS, EDS, LDS } from "../support/types.js";
import { modes } from "../support/variants.js";
import { startWorld } from "../support/world.js";

const EVERYTHING = ["a", "b", "c", "d", "e"];

/** Rejects every response that holds the bad name, without a word about it, until nothing more comes. */
async function rejectAll(client: Client, bad: string): Promise<{ accepted: Set<string>; responses: number }> {
  const accepted = new Set<string>();
  let [alone, responses] = [false, 0];
  while (!alone || accepted.size < EVERYTHING.length - 1) {
    const { names, ack, nack } = await client.next();
    responses++;
    if (names.includes(bad)) nack("I do not like it");
    else {
      ack();
      for (const name of names) accepted.add(name);
    }
    // Either it came alone, or everything else did.
    alone ||= names.filter((name) => !accepted.has(name)).join() === bad;
  }
  return { accepted, responses };
}

test("rule 11: a request with an old version and no error is no rejection", async () => {
  await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
  const stream = world.sotw(EDS);
  stream.send({ node, typeUrl: EDS.typeUrl, resourceNames: ["a", "b"] });
  const first = await stream.next();
  stream.ack(first, { versionInfo: "" });
  // Were it one, what was rejected would be tried again.
  await stream.silence();
  await world.put(EDS.build("a", 2));
  expect(namesOf(await stream.accept())).toContain("a");
});

test("rule 12: a rejection that is repeated with other names does not keep the names from counting", async () => {
  await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
  const stream = world.sotw(EDS);
  stream.send({ node, typeUrl: EDS.typeUrl, resourceNames: ["a"] });
  const first = await stream.next();
  stream.nack(first, "bad endpoints of a");
  await stream.silence();
  stream.nack(first, "bad endpoints of a", { resourceNames: ["a", "b"] });
  expect(namesOf(await stream.accept())).toContain("b");
});

describe.each(modes)("%s over ADS", (mode) => {
  const variant = { mode, carrier: "ADS" } as const;

  test.each([CDS, EDS])("rule 13: what is rejected of $label is not sent again until it changes", async (type) => {
    await using world = await startWorld([type.build("a")]);
    const client = world.client(type, variant);
    client.ask(type, "a");
    (await client.next()).nack("a: malformed");
    await client.silence();
    await world.put(LDS.build("other"));
    await client.silence();
    await world.put(type.build("a", 2));
    expect((await client.accept()).names).toEqual(["a"]);
  });

  test("rule 13: a client that rejects everything is not fed in a loop", async () => {
    await using world = await startWorld([EDS.build("a")]);
    const client = world.client(EDS, variant);
    client.ask(EDS, "a");
    for (let revision = 2; revision < 5; revision++) {
      (await client.next()).nack("bad endpoints of a");
      await client.silence();
      await world.put(EDS.build("a", revision));
    }
    (await client.next()).ack();
    await client.silence();
  });

  test("rule 13: what was rejected goes again when it is asked for anew", async () => {
    await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
    const client = world.client(EDS, variant);
    client.ask(EDS, "a");
    (await client.next()).nack("bad endpoints of a");
    await client.silence();
    client.leave(EDS, "a");
    await client.silence();
    client.ask(EDS, "a");
    expect((await client.accept()).names).toEqual(["a"]);
  });
});

test("rule 13: a removal is told although the name was rejected, and what comes back as it was goes again", async () => {
  await using world = await startWorld([EDS.build("b")]);
  const stream = world.delta(EDS);
  stream.send({ node, typeUrl: EDS.typeUrl, resourceNamesSubscribe: ["b"] });
  stream.nack(await stream.next(), "malformed endpoint in b");
  await stream.silence();
  await world.drop(EDS, "b");
  expect(said(await stream.accept())).toEqual([[], ["b"]]);
  await world.put(EDS.build("b"));
  expect(said(await stream.accept())).toEqual([["b"], []]);
});

if (can("search")) {
  test("rule 11: a rejection is known by its error, although its version is the new one", async () => {
    await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
    const stream = world.sotw(EDS);
    stream.send({ node, typeUrl: EDS.typeUrl, resourceNames: ["a", "b"] });
    const first = await stream.next();
    // gRPC's clients reject with the new version when some of the resources were valid.
    stream.nack(first, "bad endpoints of b", { versionInfo: first.versionInfo });
    expect(namesOf(await stream.accept())).toEqual(["a"]);
    await stream.silence();
  });

  describe.each(modes)("%s over ADS", (mode) => {
    const variant = { mode, carrier: "ADS" } as const;

    test("rule 13: what is innocent goes again at once, and what the client named does not", async () => {
      await using world = await startWorld([EDS.build("a"), EDS.build("b"), EDS.build("c")]);
      const client = world.client(EDS, variant);
      client.ask(EDS, "a", "b", "c");
      (await client.next()).nack("malformed endpoint in b: no such thing");
      expect(await client.accept()).toMatchObject({ names: ["a", "c"], removed: [] });
      await client.silence();
      await world.put(EDS.build("c", 2));
      expect((await client.accept()).names).toEqual(["c"]);
      await client.silence();
      await world.put(EDS.build("b", 2));
      expect((await client.accept()).names).toEqual(["b"]);
    });

    test.each([CDS, EDS])(
      "rule 13: a culprit of $label that nobody named is found, and all else is delivered",
      async (type) => {
        await using world = await startWorld(EVERYTHING.map((name) => type.build(name)));
        const client = world.client(type, variant);
        client.ask(type, ...EVERYTHING);
        const { accepted, responses } = await rejectAll(client, "d");
        expect([...accepted].sort()).toEqual(["a", "b", "c", "e"]);
        expect(responses).toBeLessThan(10);
        await client.silence();
        await world.put(type.build("d", 2));
        expect((await client.accept()).names).toContain("d");
      },
    );
  });

  test("rule 13: in the state of the world a rejected cluster stays as it was: left out it would be deleted", async () => {
    await using world = await startWorld([CDS.build("a"), CDS.build("b"), CDS.build("c")]);
    const stream = world.sotw(CDS);
    stream.send({ node, typeUrl: CDS.typeUrl });
    const good = bodiesOf(await stream.accept());
    await stream.silence();
    await world.put(CDS.build("b", 2), CDS.build("c", 2));
    stream.nack(await stream.next(), "bad cluster b");
    const mended = bodiesOf(await stream.accept());
    expect([...mended.keys()].sort()).toEqual(["a", "b", "c"]);
    expect(mended.get("b")).toBe(good.get("b"));
    expect(mended.get("c")).not.toBe(good.get("c"));
    await stream.silence();
    await world.put(CDS.build("b", 3));
    expect(bodiesOf(await stream.accept()).get("b")).not.toBe(good.get("b"));
  });
}
