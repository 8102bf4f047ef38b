import { httpListener, typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { modes, openClient } from "./client.js";
import { cluster, hosts, startWorld, type World } from "./world.js";

const CDS = typeUrls.cluster;
const EDS = typeUrls.endpoints;

/** Where the only client stands with a type. */
function statusOf(world: World, typeUrl: string) {
  return world.server.clients()[0]?.types.find(({ type }) => type === typeUrl);
}

/** A delta client that has rejected the response with the endpoints a, b and c, and said that it was for b. */
async function rejectedDelta() {
  const world = await startWorld([hosts("a"), hosts("b"), hosts("c")]);
  const client = openClient(world, "delta");
  client.ask(EDS, "a", "b", "c");
  const answer = await client.next();
  expect(answer.names).toEqual(["a", "b", "c"]);
  answer.nack("malformed endpoint in b: no such thing");
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
      acked: undefined,
      inFlight: [],
      rejections: 1,
      rejected: { nonce: answer.nonce, code: 13, detail: message, names: ["b", "c"] },
    });
    await expect(world.server.converged(undefined, { deadlineMs: 20 })).rejects.toThrow(message);
  });

  test.each([
    ["CDS", CDS, cluster],
    ["EDS", EDS, hosts],
  ])("of %s that names nothing is not answered, and the next change brings all of it again", async (_, type, build) => {
    await using world = await startWorld([build("a"), build("b")]);
    const client = openClient(world, mode);
    client.ask(type, "a", "b");
    (await client.next()).nack("I do not like it");
    await client.silence();
    world.put(httpListener({ name: "other", port: 10_000, routeConfig: "main" }));
    await client.silence();
    world.put(build("a", 2));
    const answer = await client.accept();
    expect([answer.typeUrl, answer.names]).toEqual([type, ["a", "b"]]);
    await world.server.converged(undefined, { clients: 1 });
    expect(statusOf(world, type)).toMatchObject({ rejections: 1, held: [], quarantined: [] });
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
    expect(statusOf(world, EDS)).toMatchObject({ rejections: 3, held: [], quarantined: [] });
    expect(world.events.filter(({ kind }) => kind === "rejected")).toHaveLength(3);
  });
});

describe("after a rejected delta response that named b", () => {
  test("what was not delivered goes again with the next change, b does not", async () => {
    const { world, client } = await rejectedDelta();
    await using _ = world;
    const status = statusOf(world, EDS);
    expect([status?.held, status?.quarantined]).toEqual([["a", "c"], ["b"]]);
    world.put(hosts("c", 2));
    expect(await client.accept()).toMatchObject({ names: ["a", "c"], removed: [] });
    await client.silence();
    expect(statusOf(world, EDS)).toMatchObject({ held: [], quarantined: ["b"] });
    world.put(hosts("a", 2));
    expect(await client.accept()).toMatchObject({ names: ["a"], removed: [] });
  });

  test("b goes again when its content changes, and nothing is left of the rejection", async () => {
    const { world, client } = await rejectedDelta();
    await using _ = world;
    world.put(hosts("c", 2));
    expect((await client.accept()).names).toEqual(["a", "c"]);
    world.put(hosts("b", 2));
    expect(await client.accept()).toMatchObject({ names: ["b"], removed: [] });
    await world.server.converged(undefined, { clients: 1 });
    expect(statusOf(world, EDS)).toMatchObject({ held: [], quarantined: [], rejections: 1 });
  });

  test("a change of b brings what was held back as well", async () => {
    const { world, client } = await rejectedDelta();
    await using _ = world;
    world.put(hosts("b", 2));
    expect(await client.accept()).toMatchObject({ names: ["a", "b", "c"], removed: [] });
  });

  test("b is told as removed when it is removed meanwhile", async () => {
    const { world, client } = await rejectedDelta();
    await using _ = world;
    world.put(hosts("c", 2));
    expect((await client.accept()).names).toEqual(["a", "c"]);
    world.drop(EDS, "b");
    expect(await client.accept()).toMatchObject({ names: [], removed: ["b"] });
    await world.server.converged(undefined, { clients: 1 });
  });

  test("b is told as removed beside what was held back", async () => {
    const { world, client } = await rejectedDelta();
    await using _ = world;
    world.drop(EDS, "b");
    expect(await client.accept()).toMatchObject({ names: ["a", "c"], removed: ["b"] });
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
  test("CDS goes whole with the next change: what is left out would be deleted", async () => {
    await using world = await startWorld([cluster("a"), cluster("b"), cluster("c")]);
    const client = openClient(world, "sotw");
    client.ask(CDS);
    (await client.next()).nack("bad cluster b");
    await client.silence();
    world.put(cluster("c", 2));
    expect((await client.accept()).names).toEqual(["a", "b", "c"]);
    await client.silence();
  });

  test("EDS goes without b, and b again when its content changes", async () => {
    await using world = await startWorld([hosts("a"), hosts("b"), hosts("c")]);
    const client = openClient(world, "sotw");
    client.ask(EDS, "a", "b", "c");
    (await client.next()).nack("bad endpoints of b");
    await client.silence();
    world.put(hosts("c", 2));
    expect((await client.accept()).names).toEqual(["a", "c"]);
    await client.silence();
    world.put(hosts("b", 2));
    expect((await client.accept()).names).toEqual(["b"]);
    await client.silence();
  });
});
