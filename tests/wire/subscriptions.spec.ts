import { httpListener, typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { modes, openClient } from "./client.js";
import { cluster, hosts, namesOf, node, type Sotw, startWorld } from "./world.js";

const CDS = typeUrls.cluster;
const EDS = typeUrls.endpoints;

const listener = (name: string, revision = 1) => httpListener({ name, port: 10_000 + revision, routeConfig: "main" });

/** Takes the next response, accepts it, and tells its names. */
const accept = async (stream: Sotw): Promise<string[]> => namesOf(await stream.accept());

describe("state of the world", () => {
  test("rule 10: a request with a stale nonce is not answered", async () => {
    await using world = await startWorld([hosts("a"), hosts("b")]);
    const stream = world.sotw();
    stream.send({ node, typeUrl: EDS, resourceNames: ["a"] });
    const first = await stream.accept();
    world.put(hosts("a", 2));
    const second = await stream.next();
    // The client had not seen the second response when it said this.
    stream.send({
      typeUrl: EDS,
      versionInfo: first.versionInfo,
      responseNonce: first.nonce,
      resourceNames: ["a", "b"],
    });
    await stream.silence();
    const [eds] = world.server.clients()[0]!.types;
    expect([eds?.names, eds?.inFlight.map(({ nonce }) => nonce)]).toEqual([1, [second.nonce]]);
    stream.ack(second, { resourceNames: ["a", "b"] });
    expect(await accept(stream)).toEqual(["b"]);
  });

  test("a removal that omission can't tell lets those go on who wait for the configuration without it", async () => {
    await using world = await startWorld([hosts("a"), hosts("b")]);
    const stream = world.sotw();
    stream.send({ node, typeUrl: EDS, resourceNames: ["a", "b"] });
    expect(await accept(stream)).toEqual(["a", "b"]);
    world.drop(EDS, "a");
    await world.server.converged(undefined, { clients: 1, deadlineMs: 5000 });
    await stream.silence();
  });

  test("rule 17: names that are added are sent, also when they were sent before and nothing changed", async () => {
    await using world = await startWorld([hosts("a"), hosts("b")]);
    const stream = world.sotw();
    stream.send({ node, typeUrl: EDS, resourceNames: ["a"] });
    expect(await accept(stream)).toEqual(["a"]);
    stream.send({ typeUrl: EDS, responseNonce: stream.received[0]!.nonce, resourceNames: ["a", "b"] });
    const both = await stream.next();
    expect(namesOf(both)).toEqual(["b"]);
    stream.ack(both, { resourceNames: ["a"] });
    await stream.silence();
    stream.ack(both, { resourceNames: ["a", "b"] });
    const again = await stream.next();
    expect(namesOf(again)).toEqual(["b"]);
    expect([again.versionInfo, again.nonce]).toEqual([both.versionInfo, expect.not.stringMatching(both.nonce)]);
  });

  test("rule 19: every CDS response holds all that is subscribed to and exists", async () => {
    await using world = await startWorld([cluster("a"), cluster("b"), cluster("c")]);
    const stream = world.sotw();
    stream.send({ node, typeUrl: CDS, resourceNames: ["a", "b"] });
    expect(await accept(stream)).toEqual(["a", "b"]);
    world.put(cluster("a", 2));
    expect(await accept(stream)).toEqual(["a", "b"]);
    world.put(cluster("c", 2));
    await stream.silence();
    world.drop(CDS, "a");
    expect(await accept(stream)).toEqual(["b"]);
    // An empty response is the only way to say that nothing is left.
    world.drop(CDS, "b");
    expect(await accept(stream)).toEqual([]);
    await stream.silence();
  });

  test("rule 20: an EDS response holds what changed, and a removal is no response", async () => {
    await using world = await startWorld([hosts("a"), hosts("b")]);
    const stream = world.sotw();
    stream.send({ node, typeUrl: EDS, resourceNames: ["a", "b"] });
    expect(await accept(stream)).toEqual(["a", "b"]);
    world.put(hosts("a", 2));
    expect(await accept(stream)).toEqual(["a"]);
    world.drop(EDS, "b");
    await stream.silence();
  });

  test.each([
    ["EDS", EDS, () => hosts("ghost")],
    ["CDS", CDS, () => cluster("ghost")],
  ])("rule 21: a name of %s that does not exist is waited for in silence", async (_, typeUrl, ghost) => {
    await using world = await startWorld([hosts("a"), cluster("a")]);
    const stream = world.sotw();
    stream.send({ node, typeUrl, resourceNames: ["ghost"] });
    await stream.silence();
    world.put(ghost());
    expect(await accept(stream)).toEqual(["ghost"]);
  });

  test.each([
    ["CDS", CDS],
    ["LDS", typeUrls.listener],
  ])("rule 22: a wildcard of %s without resources gets an empty response", async (_, typeUrl) => {
    await using world = await startWorld();
    const stream = world.sotw();
    stream.send({ node, typeUrl });
    const empty = await stream.next();
    expect([empty.typeUrl, empty.resources]).toEqual([typeUrl, []]);
    expect([empty.nonce, empty.versionInfo]).not.toContain("");
    stream.ack(empty);
    await stream.silence();
  });

  test("rule 23: a wildcard that comes back with the version in force is not sent it again", async () => {
    await using world = await startWorld([cluster("a"), cluster("b")]);
    const before = world.sotw();
    before.send({ node, typeUrl: CDS });
    const { versionInfo } = await before.next();
    before.cancel();
    const stream = world.sotw();
    stream.send({ node, typeUrl: CDS, versionInfo });
    await stream.silence();
    world.put(cluster("a", 2));
    const changed = await stream.next();
    expect(namesOf(changed)).toEqual(["a", "b"]);
    expect(changed.versionInfo).not.toBe(versionInfo);
    // Another version than the one in force is brought up to date at once.
    const late = world.sotw();
    late.send({ node, typeUrl: CDS, versionInfo });
    expect((await late.next()).versionInfo).toBe(changed.versionInfo);
  });

  test("rule 24: a request that repeats an accepted nonce and its names is answered", async () => {
    await using world = await startWorld([hosts("a")]);
    const stream = world.sotw();
    stream.send({ node, typeUrl: EDS, resourceNames: ["a"] });
    const first = await stream.next();
    stream.ack(first);
    await stream.silence();
    stream.ack(first);
    const again = await stream.next();
    expect([namesOf(again), again.versionInfo]).toEqual([["a"], first.versionInfo]);
    stream.ack(again);
    await stream.silence();
  });

  test("rule 27: the first name ends the wildcard, and an empty list is then no wildcard", async () => {
    await using world = await startWorld([cluster("a"), cluster("b")]);
    const stream = world.sotw();
    stream.send({ node, typeUrl: CDS });
    expect(await accept(stream)).toEqual(["a", "b"]);
    stream.ack(stream.received.at(-1)!, { resourceNames: ["a"] });
    expect(await accept(stream)).toEqual(["a"]);
    world.put(cluster("b", 2));
    await stream.silence();
    world.put(cluster("a", 2));
    const last = await stream.next();
    expect(namesOf(last)).toEqual(["a"]);
    stream.ack(last, { resourceNames: [] });
    await stream.silence();
    world.put(cluster("a", 3), cluster("b", 3));
    await stream.silence();
    const [cds] = world.server.clients()[0]!.types;
    expect([cds?.wildcard, cds?.names]).toEqual([false, 0]);
  });

  test("rule 28: a star beside names keeps the wildcard, until a list comes without it", async () => {
    await using world = await startWorld([cluster("a"), cluster("b")]);
    const stream = world.sotw();
    stream.send({ node, typeUrl: CDS });
    expect(await accept(stream)).toEqual(["a", "b"]);
    stream.ack(stream.received.at(-1)!, { resourceNames: ["*", "a"] });
    expect(await accept(stream)).toEqual(["a", "b"]);
    world.put(cluster("b", 2));
    const changed = await stream.next();
    expect(namesOf(changed)).toEqual(["a", "b"]);
    stream.ack(changed, { resourceNames: ["a"] });
    await stream.silence();
    world.put(cluster("b", 3));
    await stream.silence();
    world.put(cluster("a", 2));
    expect(await accept(stream)).toEqual(["a"]);
  });
});

describe.each(modes)("%s", (mode) => {
  test("rule 7: every response of a stream has a nonce of its own, whatever its type", async () => {
    await using world = await startWorld([cluster("a"), hosts("a")]);
    const client = openClient(world, mode);
    client.ask(CDS);
    const nonces = [(await client.accept()).nonce];
    client.ask(EDS, "a");
    nonces.push((await client.accept()).nonce);
    for (let revision = 2; revision < 5; revision++) {
      world.put(cluster("a", revision), hosts("a", revision));
      for (let n = 0; n < 2; n++) nonces.push((await client.accept()).nonce);
    }
    expect(nonces).toHaveLength(8);
    expect(new Set(nonces).size).toBe(8);
    expect(nonces).not.toContain("");
  });

  test.each([
    ["CDS", CDS, cluster],
    ["LDS", typeUrls.listener, listener],
  ])("rule 26: a first request of %s without names is a wildcard", async (_, typeUrl, build) => {
    await using world = await startWorld([build("a")]);
    const client = openClient(world, mode);
    client.ask(typeUrl);
    expect((await client.accept()).names).toEqual(["a"]);
    world.put(build("a", 2));
    expect((await client.accept()).names).toEqual(["a"]);
    world.put(build("b"));
    expect((await client.accept()).names).toEqual(mode === "delta" ? ["b"] : ["a", "b"]);
  });

  test("rule 31: no names of a type without a wildcard of old are nothing", async () => {
    await using world = await startWorld([hosts("a")]);
    const client = openClient(world, mode);
    client.ask(EDS);
    await client.silence();
    world.put(hosts("a", 2), hosts("b"));
    await client.silence();
  });
});
