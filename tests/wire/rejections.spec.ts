import { eventually } from "@rxds/testkit";
import { typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { type Client, modes, openClient } from "./client.js";
import { cluster, hosts, startWorld, type World } from "./world.js";

const CDS = typeUrls.cluster;
const EDS = typeUrls.endpoints;

/** Where the only client stands with a type. */
function statusOf(world: World, typeUrl: string) {
  return world.server.clients()[0]?.types.find(({ type }) => type === typeUrl);
}

/** The names that are kept from the only client. */
const quarantined = (world: World, typeUrl: string) =>
  statusOf(world, typeUrl)
    ?.quarantined.map(({ name }) => name)
    .sort();

/** Rejects every response that holds the bad name, without a word about it, until it is found. Returns how many came. */
async function rejectAll(world: World, client: Client, typeUrl: string, bad: string): Promise<number> {
  const heard = () => world.events.filter(({ kind }) => kind === "acked" || kind === "rejected").length;
  for (let tries = 1; ; tries++) {
    const answer = await client.next();
    if (answer.names.includes(bad)) answer.nack("I do not like it");
    else answer.ack();
    await eventually(() => heard() === tries, { intervalMs: 1, describe: "the server hears of the answer" });
    const { onTrial, inFlight, pending } = statusOf(world, typeUrl)!;
    const searching = onTrial.length + inFlight.length > 0 || pending;
    if (!searching && quarantined(world, typeUrl)?.includes(bad)) return tries;
  }
}

/** A delta client that has rejected the response with the endpoints a, b and c, and said that it was for b. */
async function rejectedDelta() {
  const world = await startWorld([hosts("a"), hosts("b"), hosts("c")]);
  const client = openClient(world, "delta");
  client.ask(EDS, "a", "b", "c");
  const answer = await client.next();
  expect(answer.names).toEqual(["a", "b", "c"]);
  answer.nack("malformed endpoint in b: no such thing");
  expect(await client.accept()).toMatchObject({ names: ["a", "c"], removed: [] });
  await client.silence();
  return { world, client };
}

describe.each(modes)("%s: a rejection", (mode) => {
  test("is an event and a status, with the client's words and the names in them", async () => {
    await using world = await startWorld([cluster("a"), cluster("b"), cluster("c")]);
    const client = openClient(world, mode);
    client.ask(CDS);
    const answer = await client.next();
    const message = "Error adding/updating cluster(s) b: unknown field, c: no such thing (d is not there)";
    answer.nack(message);
    expect((await client.accept()).names).toEqual(["a"]);
    await client.silence();
    const rejected = world.events.filter(({ kind }) => kind === "rejected");
    expect(rejected).toMatchObject([
      {
        type: CDS,
        label: "CDS",
        nonce: answer.nonce,
        code: 13,
        names: ["b", "c"],
        node: { id: "n1", cluster: "wire" },
        detail: expect.stringContaining(message),
      },
    ]);
    expect(statusOf(world, CDS)).toMatchObject({
      inFlight: [],
      rejections: 1,
      rejected: { nonce: answer.nonce, code: 13, detail: message, names: ["b", "c"] },
    });
    await expect(world.server.converged(undefined, { deadlineMs: 20 })).rejects.toThrow(message);
  });

  test.each([
    ["CDS", CDS, cluster],
    ["EDS", EDS, hosts],
  ])("of %s that names nothing is searched for its culprit, and all else is delivered", async (_, type, build) => {
    await using world = await startWorld(["a", "b", "c", "d", "e"].map((name) => build(name)));
    const client = openClient(world, mode);
    client.ask(type, "a", "b", "c", "d", "e");
    const tries = await rejectAll(world, client, type, "d");
    expect(tries).toBeLessThan(10);
    await client.silence();
    expect(quarantined(world, type)).toEqual(["d"]);
    expect(world.events.filter(({ kind }) => kind === "quarantined")).toMatchObject([
      { type, name: "d", version: world.store.get(type, "d")?.version, reason: "I do not like it" },
    ]);
    await expect(world.server.converged(undefined, { deadlineMs: 20 })).rejects.toThrow("I do not like it");
    world.put(build("d", 2));
    expect((await client.accept()).names).toContain("d");
    await world.server.converged(undefined, { clients: 1 });
    expect(statusOf(world, type)).toMatchObject({ onTrial: [], quarantined: [] });
  });

  test("of everything ends when each was tried alone", async () => {
    await using world = await startWorld(["a", "b", "c"].map((name) => hosts(name)));
    const client = openClient(world, mode);
    client.ask(EDS, "a", "b", "c");
    for (let n = 0; n < 4; n++) (await client.next()).nack("never");
    await client.silence();
    expect(quarantined(world, EDS)).toEqual(["a", "b", "c"]);
  });

  test("of one type does not hold back another", async () => {
    await using world = await startWorld([cluster("a"), hosts("a")]);
    const client = openClient(world, mode);
    client.ask(EDS, "a");
    (await client.next()).nack("bad endpoints of a");
    client.ask(CDS);
    expect((await client.accept()).typeUrl).toBe(CDS);
    world.put(cluster("b"));
    expect((await client.accept()).names).toContain("b");
    await client.silence();
  });

  test("of what names something else is taken back when that has changed", async () => {
    await using world = await startWorld([cluster("a"), hosts("a"), cluster("b")]);
    const client = openClient(world, mode);
    client.ask(EDS, "a");
    await client.accept();
    client.ask(CDS);
    (await client.next()).nack("Error adding/updating cluster(s) a: its endpoints are no good");
    expect((await client.accept()).names).toEqual(["b"]);
    expect(quarantined(world, CDS)).toEqual(["a"]);
    world.put(hosts("a", 2));
    const answers = [await client.accept(), await client.accept()];
    expect(answers.map(({ typeUrl, names }) => [typeUrl, names.includes("a")])).toEqual([
      [EDS, true],
      [CDS, true],
    ]);
    // It is new to the client, and needs its endpoints.
    expect(await client.accept()).toMatchObject({ typeUrl: EDS, names: ["a"] });
    await world.server.converged(undefined, { clients: 1 });
  });

  test("of the same again is counted again, and brings no loop", async () => {
    await using world = await startWorld([hosts("a")]);
    const client = openClient(world, mode);
    client.ask(EDS, "a");
    for (let revision = 2; revision < 5; revision++) {
      (await client.next()).nack("bad endpoints of a");
      await client.silence();
      world.put(hosts("a", revision));
    }
    (await client.next()).ack();
    await world.server.converged(undefined, { clients: 1 });
    expect(statusOf(world, EDS)).toMatchObject({ rejections: 3, onTrial: [], quarantined: [] });
    expect(world.events.filter(({ kind }) => kind === "rejected")).toHaveLength(3);
  });
});

describe("after a rejected delta response that named b", () => {
  test("all else goes again at once, and b does not", async () => {
    const { world, client } = await rejectedDelta();
    await using _ = world;
    expect(quarantined(world, EDS)).toEqual(["b"]);
    world.put(hosts("c", 2));
    expect(await client.accept()).toMatchObject({ names: ["c"], removed: [] });
    await client.silence();
    expect(quarantined(world, EDS)).toEqual(["b"]);
  });

  test("b goes again when its content changes, and nothing is left of the rejection", async () => {
    const { world, client } = await rejectedDelta();
    await using _ = world;
    world.put(hosts("b", 2));
    expect(await client.accept()).toMatchObject({ names: ["b"], removed: [] });
    await world.server.converged(undefined, { clients: 1 });
    expect(statusOf(world, EDS)).toMatchObject({ onTrial: [], quarantined: [], rejections: 1 });
  });

  test("b goes again when it is asked for anew", async () => {
    const { world, client } = await rejectedDelta();
    await using _ = world;
    client.ask(EDS, "b");
    expect(await client.accept()).toMatchObject({ names: ["b"], removed: [] });
  });

  test("b is told as removed when it is removed", async () => {
    const { world, client } = await rejectedDelta();
    await using _ = world;
    world.drop(EDS, "b");
    expect(await client.accept()).toMatchObject({ names: [], removed: ["b"] });
    await world.server.converged(undefined, { clients: 1 });
  });

  test("b that is removed and comes back as it was goes again", async () => {
    const { world, client } = await rejectedDelta();
    await using _ = world;
    world.drop(EDS, "b");
    expect((await client.accept()).removed).toEqual(["b"]);
    world.put(hosts("b"));
    expect(await client.accept()).toMatchObject({ names: ["b"], removed: [] });
  });
});

describe("after a rejected state-of-the-world response that named b", () => {
  test("CDS goes on with the b that the client accepted before: what is left out would be deleted", async () => {
    await using world = await startWorld([cluster("a"), cluster("b"), cluster("c")]);
    const client = openClient(world, "sotw");
    client.ask(CDS);
    const good = await client.accept();
    world.put(cluster("b", 2), cluster("c", 2));
    (await client.next()).nack("bad cluster b");
    const mended = await client.accept();
    expect(mended.names).toEqual(["a", "b", "c"]);
    expect(mended.body("b")).toEqual(good.body("b"));
    expect(mended.body("c")).not.toEqual(good.body("c"));
    await client.silence();
    world.put(cluster("a", 2));
    expect((await client.accept()).body("b")).toEqual(good.body("b"));
    world.put(cluster("b", 3));
    expect((await client.accept()).body("b")).not.toEqual(good.body("b"));
    await world.server.converged(undefined, { clients: 1 });
  });

  test("CDS goes on without a b that is new", async () => {
    await using world = await startWorld([cluster("a")]);
    const client = openClient(world, "sotw");
    client.ask(CDS);
    await client.accept();
    world.put(cluster("b"));
    (await client.next()).nack("bad cluster b");
    await client.silence();
    world.put(cluster("a", 2));
    expect((await client.accept()).names).toEqual(["a"]);
  });

  test("CDS goes again when the response also removed something", async () => {
    await using world = await startWorld([cluster("a"), cluster("b"), cluster("gone")]);
    const client = openClient(world, "sotw");
    client.ask(CDS);
    const good = await client.accept();
    world.store.update((tx) => {
      tx.delete(CDS, "gone");
      tx.set(cluster("b", 2));
    });
    (await client.next()).nack("bad cluster b");
    const mended = await client.accept();
    expect(mended.names).toEqual(["a", "b"]);
    expect(mended.body("b")).toEqual(good.body("b"));
    await client.silence();
  });

  test("EDS goes on without b, and with b when its content changes", async () => {
    await using world = await startWorld([hosts("a"), hosts("b"), hosts("c")]);
    const client = openClient(world, "sotw");
    client.ask(EDS, "a", "b", "c");
    (await client.next()).nack("bad endpoints of b");
    expect((await client.accept()).names).toEqual(["a", "c"]);
    await client.silence();
    world.put(hosts("c", 2));
    expect((await client.accept()).names).toEqual(["c"]);
    await client.silence();
    world.put(hosts("b", 2));
    expect((await client.accept()).names).toEqual(["b"]);
    await client.silence();
  });
});
