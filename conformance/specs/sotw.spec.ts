import { describe, expect, test } from "vitest";
import { namesOf, node, type Sotw } from "../support/streams.js";
import { partial } from "../support/target.js";
import { CDS, EDS, LDS, RDS, type Type } from "../support/types.js";
import { carriers } from "../support/variants.js";
import { startWorld } from "../support/world.js";

/** Takes the next response, accepts it, and tells its names. */
const accept = async (stream: Sotw): Promise<string[]> => namesOf(await stream.accept());
const ask = (stream: Sotw, { typeUrl }: Type, ...resourceNames: string[]): void =>
  stream.send({ node, typeUrl, resourceNames });

describe.each(carriers)("SotW over %s", (carrier) => {
  test("rule 9: a first request without a nonce is answered, with a version of an earlier stream or without", async () => {
    await using world = await startWorld([EDS.build("a")]);
    for (const versionInfo of ["", "of-an-earlier-stream"]) {
      const stream = world.sotw(EDS, carrier);
      stream.send({ node, typeUrl: EDS.typeUrl, versionInfo, resourceNames: ["a"] });
      expect(await accept(stream)).toEqual(["a"]);
    }
  });

  test("rule 15: the version changes with the content, and is the same on every stream", async () => {
    await using world = await startWorld([CDS.build("a")]);
    const stream = world.sotw(CDS, carrier);
    ask(stream, CDS);
    const versions = [(await stream.accept()).versionInfo];
    for (const item of [CDS.build("a", 2), CDS.build("b"), CDS.build("a", 3)]) {
      await world.put(item);
      versions.push((await stream.accept()).versionInfo);
    }
    await world.drop(CDS, "b");
    versions.push((await stream.accept()).versionInfo);
    expect(versions).not.toContain("");
    expect(new Set(versions).size).toBe(5);
    const other = world.sotw(CDS, carrier);
    ask(other, CDS);
    expect((await other.next()).versionInfo).toBe(versions.at(-1));
  });

  test("rule 16: the names of a request replace those before", async () => {
    await using world = await startWorld([EDS.build("a"), EDS.build("b"), EDS.build("c")]);
    const stream = world.sotw(EDS, carrier);
    ask(stream, EDS, "a", "b");
    const first = await stream.next();
    expect(namesOf(first)).toEqual(["a", "b"]);
    stream.ack(first, { resourceNames: ["b", "c"] });
    expect(await accept(stream)).toEqual(partial(["c"], ["b", "c"]));
    await world.put(EDS.build("a", 2));
    await stream.silence();
    await world.put(EDS.build("b", 2));
    expect(await accept(stream)).toEqual(partial(["b"], ["b", "c"]));
  });

  test("rule 17: names that are added are sent, also when they were sent before and nothing changed", async () => {
    await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
    const stream = world.sotw(EDS, carrier);
    ask(stream, EDS, "a");
    const first = await stream.next();
    stream.ack(first, { resourceNames: ["a", "b"] });
    const both = await stream.next();
    expect(namesOf(both)).toEqual(partial(["b"], ["a", "b"]));
    stream.ack(both, { resourceNames: ["a"] });
    await stream.silence();
    const { nonce, versionInfo } = stream.received.filter(({ typeUrl }) => typeUrl === EDS.typeUrl).at(-1)!;
    stream.send({ typeUrl: EDS.typeUrl, responseNonce: nonce, versionInfo, resourceNames: ["a", "b"] });
    expect(await accept(stream)).toEqual(partial(["b"], ["a", "b"]));
  });

  test("rule 18: names that are dropped get no more updates, and no answer", async () => {
    await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
    const stream = world.sotw(EDS, carrier);
    ask(stream, EDS, "a", "b");
    stream.ack(await stream.next(), { resourceNames: ["a"] });
    await stream.silence();
    await world.put(EDS.build("b", 2));
    await stream.silence();
    await world.drop(EDS, "b");
    await stream.silence();
    await world.put(EDS.build("a", 2));
    expect(await accept(stream)).toEqual(["a"]);
  });

  test.each([CDS, LDS])("rule 19: every $label response holds all that is subscribed to and exists", async (type) => {
    await using world = await startWorld([type.build("a"), type.build("b"), type.build("c")]);
    const stream = world.sotw(type, carrier);
    ask(stream, type, "a", "b");
    expect(await accept(stream)).toEqual(["a", "b"]);
    await world.put(type.build("a", 2));
    expect(await accept(stream)).toEqual(["a", "b"]);
    await world.put(type.build("c", 2));
    await stream.silence();
    await world.drop(type, "a");
    expect(await accept(stream)).toEqual(["b"]);
  });

  test.each([CDS, LDS])(
    "rule 19: the last of a wildcard of $label is told as gone by an empty response",
    async (type) => {
      await using world = await startWorld([type.build("a")]);
      const stream = world.sotw(type, carrier);
      ask(stream, type);
      expect(await accept(stream)).toEqual(["a"]);
      await world.drop(type, "a");
      expect(await accept(stream)).toEqual([]);
    },
  );

  test("rule 20: an EDS response need not repeat what did not change, and a removal is no deletion", async () => {
    await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
    const stream = world.sotw(EDS, carrier);
    ask(stream, EDS, "a", "b");
    expect(await accept(stream)).toEqual(["a", "b"]);
    await world.put(EDS.build("a", 2));
    expect(await accept(stream)).toEqual(partial(["a"], ["a", "b"]));
    await world.drop(EDS, "b");
    await stream.silence();
    // Nothing was lost by that: it comes when it is there again.
    await world.put(EDS.build("b", 2));
    expect(await accept(stream)).toEqual(partial(["b"], ["a", "b"]));
  });

  test.each([CDS, LDS, EDS, RDS])(
    "rule 21: a name of $label that does not exist is waited for in silence",
    async (type) => {
      await using world = await startWorld([type.build("a")]);
      const stream = world.sotw(type, carrier);
      ask(stream, type, "ghost");
      if (type !== RDS) await stream.silence();
      await world.put(type.build("ghost"));
      expect(await accept(stream)).toEqual(["ghost"]);
    },
  );

  test.each([CDS, LDS])("rule 22: a wildcard of $label without resources gets an empty response", async (type) => {
    await using world = await startWorld();
    const stream = world.sotw(type, carrier);
    ask(stream, type);
    const empty = await stream.next();
    expect([empty.typeUrl, empty.resources]).toEqual([type.typeUrl, []]);
    expect([empty.nonce, empty.versionInfo]).not.toContain("");
    stream.ack(empty);
    await stream.silence();
  });

  test("rule 23: a wildcard that comes back with the version in force is not sent it again", async () => {
    await using world = await startWorld([CDS.build("a"), CDS.build("b")]);
    const before = world.sotw(CDS, carrier);
    ask(before, CDS);
    const { versionInfo } = await before.next();
    before.cancel();
    const stream = world.sotw(CDS, carrier);
    stream.send({ node, typeUrl: CDS.typeUrl, versionInfo });
    await stream.silence();
    await world.put(CDS.build("a", 2));
    const changed = await stream.next();
    expect(namesOf(changed)).toEqual(["a", "b"]);
    expect(changed.versionInfo).not.toBe(versionInfo);
    // Another version than the one in force is brought up to date at once.
    const late = world.sotw(CDS, carrier);
    late.send({ node, typeUrl: CDS.typeUrl, versionInfo });
    expect((await late.next()).versionInfo).toBe(changed.versionInfo);
  });

  test("rule 23: a version says nothing of names that it may not have been about", async () => {
    await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
    const before = world.sotw(EDS, carrier);
    ask(before, EDS, "a");
    const { versionInfo } = await before.next();
    before.cancel();
    const stream = world.sotw(EDS, carrier);
    stream.send({ node, typeUrl: EDS.typeUrl, versionInfo, resourceNames: ["a", "b"] });
    expect(await accept(stream)).toContain("b");
  });

  test("rule 24: a request that repeats an accepted nonce and its names is answered", async () => {
    await using world = await startWorld([EDS.build("a")]);
    const stream = world.sotw(EDS, carrier);
    ask(stream, EDS, "a");
    const first = await stream.next();
    stream.ack(first);
    stream.ack(first);
    const again = await stream.next();
    expect([namesOf(again), again.versionInfo]).toEqual([["a"], first.versionInfo]);
    stream.ack(again);
    await stream.silence();
  });
});

test("rule 10: a request with a stale nonce is not answered, and its names do not count", async () => {
  await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
  const stream = world.sotw(EDS);
  ask(stream, EDS, "a");
  const first = await stream.accept();
  await world.put(EDS.build("a", 2));
  const second = await stream.next();
  // Said before the client has seen the second response, and arriving late: before its ACK, and after.
  stream.ack(first, { resourceNames: ["a", "b"] });
  await stream.silence();
  stream.ack(second, { resourceNames: ["a"] });
  stream.ack(first, { resourceNames: ["a", "b"] });
  await stream.silence();
  await world.put(EDS.build("b", 2));
  await stream.silence();
  stream.ack(second, { resourceNames: ["a", "b"] });
  expect(await accept(stream)).toEqual(partial(["b"], ["a", "b"]));
});

test("rule 14: a request with the newest nonce and an old version is no reason to send again", async () => {
  await using world = await startWorld([EDS.build("a")]);
  const stream = world.sotw(EDS);
  ask(stream, EDS, "a");
  const first = await stream.accept();
  await world.put(EDS.build("a", 2));
  const second = await stream.next();
  stream.ack(second, { versionInfo: first.versionInfo });
  await stream.silence();
  await world.put(EDS.build("a", 3));
  expect(await accept(stream)).toEqual(["a"]);
});

test("rule 25: a client gets nothing of what it did not ask for", async () => {
  await using world = await startWorld([CDS.build("a"), EDS.build("a"), EDS.build("b"), LDS.build("a")]);
  const stream = world.sotw(EDS);
  ask(stream, EDS, "a");
  expect(await accept(stream)).toEqual(["a"]);
  await world.put(CDS.build("a", 2), CDS.build("b"), EDS.build("b", 2), LDS.build("a", 2));
  await stream.silence();
});
