import type { DeltaDiscoveryResponse } from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { eventually } from "@rxds/testkit";
import { edsCluster, httpListener, routes, typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { cluster, type Delta, hosts, namesOf, node, startWorld, type World } from "./world.js";

const CDS = typeUrls.cluster;
const EDS = typeUrls.endpoints;
const LDS = typeUrls.listener;
const RDS = typeUrls.routes;

type Versions = Record<string, string>;

const versionsOf = ({ resources }: DeltaDiscoveryResponse): Versions =>
  Object.fromEntries(resources.map(({ name, version }) => [name, version]));

/** A client that has accepted the first clusters, and their versions. */
async function started(items: Parameters<typeof startWorld>[0] = [cluster("a"), cluster("b")]) {
  const world = await startWorld(items);
  const stream = world.delta();
  stream.send({ node, typeUrl: CDS });
  return { world, stream, held: versionsOf(await stream.accept()) };
}

/** The stream ends, and the server knows. */
async function lose(world: World, stream: Delta): Promise<void> {
  const ended = () => world.events.filter(({ kind }) => kind === "disconnected").length;
  const before = ended();
  await stream[Symbol.asyncDispose]();
  await eventually(() => ended() > before, { intervalMs: 1 });
}

/** Rejects the next response, and waits until the server knows. */
async function reject(world: World, stream: Delta, message = "no good"): Promise<void> {
  stream.nack(await stream.next(), message);
  await eventually(() => world.events.some(({ kind }) => kind === "rejected"), { intervalMs: 1 });
}

/** Comes back with clusters. Returns what it is sent first, which it does not accept. */
async function back(world: World, held: Versions) {
  const stream = world.delta();
  stream.send({ node, typeUrl: CDS, initialResourceVersions: held });
  const first = await stream.next();
  // Until it has said what listens it keeps its clusters.
  stream.send({ typeUrl: LDS });
  stream.ack(await stream.nextOfType(LDS));
  return { stream, first, said: [namesOf(first), first.removedResources] };
}

describe("a delta client that comes back", () => {
  test("is sent what it has rejected, and may use, when that is what it was before", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.put(cluster("a", 2), cluster("bad"));
    await reject(world, stream, "bad: no good");
    await lose(world, stream);
    world.put(cluster("a", 1));
    world.drop(CDS, "bad");
    // It uses the new version, and says that it has the old one.
    expect((await back(world, held)).said).toEqual([["a"], []]);
  });

  test("loses what came in a response that it has rejected, and is gone since", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.put(cluster("k"), cluster("bad"));
    await reject(world, stream, "bad: no good");
    await lose(world, stream);
    world.drop(CDS, "k", "bad");
    const again = await back(world, held);
    expect(again.said).toEqual([[], []]);
    again.stream.ack(again.first);
    const removal = await again.stream.next();
    expect([namesOf(removal), [...removal.removedResources].sort()]).toEqual([[], ["bad", "k"]]);
  });

  test("is sent what was taken from it in a response that it has rejected, when it is there again", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.drop(CDS, "b");
    await reject(world, stream);
    await lose(world, stream);
    world.put(cluster("b"));
    expect((await back(world, held)).said).toEqual([["b"], []]);
  });

  test("is sent what it did not answer, and nothing when it has answered all", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.put(cluster("b", 2));
    await stream.next();
    await lose(world, stream);
    world.put(cluster("b", 1));
    const second = await back(world, held);
    expect(second.said).toEqual([["b"], []]);
    second.stream.ack(second.first);
    await second.stream.silence();
    await lose(world, second.stream);
    const third = await back(world, held);
    expect(third.said).toEqual([[], []]);
    third.stream.ack(third.first);
    await third.stream.silence();
  });

  test("is sent nothing when it says that it has what it did not answer", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.put(cluster("b", 2));
    const unanswered = versionsOf(await stream.next());
    await lose(world, stream);
    const again = await back(world, { ...held, ...unanswered });
    expect(again.said).toEqual([[], []]);
    again.stream.ack(again.first);
    await again.stream.silence();
  });

  test("is not believed when there were several versions that it did not answer", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.put(cluster("b", 2));
    await stream.next();
    world.put(cluster("b", 1));
    await stream.next();
    await lose(world, stream);
    // It may have rejected both, and use the first.
    expect((await back(world, held)).said).toEqual([["b"], []]);
  });

  test("is still doubted when that stream ends as well before it has answered", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.put(cluster("k"), cluster("a", 2), cluster("bad"));
    await reject(world, stream, "bad: no good");
    await lose(world, stream);
    world.drop(CDS, "k", "bad");
    world.put(cluster("a", 1));
    const second = await back(world, held);
    expect(second.said).toEqual([["a"], []]);
    await lose(world, second.stream);
    const third = await back(world, held);
    expect(third.said).toEqual([["a"], []]);
    third.stream.ack(third.first);
    expect([...(await third.stream.accept()).removedResources].sort()).toEqual(["bad", "k"]);
    await lose(world, third.stream);
    expect((await back(world, held)).said).toEqual([[], []]);
  });

  test("is doubted although nobody has noticed that its stream was lost", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.put(cluster("b", 2));
    await stream.next();
    world.put(cluster("b", 1));
    expect((await back(world, held)).said).toEqual([["b"], []]);
  });

  test("is not doubted for what another one did not answer", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.put(cluster("b", 2));
    await stream.next();
    await lose(world, stream);
    world.put(cluster("b", 1));
    const other = world.delta();
    other.send({ node: { id: "n2", cluster: "wire" }, typeUrl: CDS, initialResourceVersions: held });
    expect(namesOf(await other.next())).toEqual([]);
  });

  test("is sent routes to clusters that may warm only when it asks for clusters", async () => {
    const { world, stream, held } = await started([
      cluster("a"),
      hosts("a"),
      cluster("b"),
      hosts("b"),
      routes("r", { "/": "a" }),
      routes("s", { "/": "a" }),
    ]);
    await using _ = world;
    stream.send({ typeUrl: RDS, resourceNamesSubscribe: ["r", "s"] });
    const paths = versionsOf(await stream.accept());
    world.put(cluster("new"), hosts("new"));
    await stream.next();
    await lose(world, stream);
    world.put(routes("r", { "/": "new" }), routes("s", { "/": "b" }), cluster("newer"));
    const again = world.delta();
    again.send({ node, typeUrl: EDS, resourceNamesSubscribe: ["a", "b", "new"] });
    expect(namesOf(await again.accept())).toEqual(["a", "b", "new"]);
    again.send({ typeUrl: RDS, resourceNamesSubscribe: ["r", "s"], initialResourceVersions: paths });
    expect(namesOf(await again.accept())).toEqual(["s"]);
    world.put(routes("s", { "/": "newer" }));
    // Of endpoints that are gone it hears when it has said what it needs.
    again.send({ typeUrl: EDS, resourceNamesSubscribe: ["none"] });
    await again.silence();
    again.send({ typeUrl: CDS, initialResourceVersions: held });
    const seen: string[] = [];
    while (seen.length < 5) {
      const answer = await again.accept();
      seen.push(
        ...namesOf(answer).map((name) => `${answer.typeUrl === RDS ? "RDS" : ""} ${name}`),
        ...answer.removedResources,
      );
    }
    expect(seen.slice(0, 2).sort()).toEqual([" new", " newer"]);
    expect(seen).toEqual(expect.arrayContaining(["RDS r", "none"]));
  });
});

describe("after a restart of the server", () => {
  test.each(["waits for a cluster", "is rejected"])(
    "a client keeps the clusters that it may use as long as its newer routes are kept from it (%s)",
    async (why) => {
      const fed = why === "is rejected" ? [hosts("new")] : [];
      await using world = await startWorld([cluster("new"), ...fed, routes("main", { "/": "new" })]);
      const stream = world.delta();
      stream.send({ node, typeUrl: CDS, initialResourceVersions: { a: "1" } });
      expect(namesOf(await stream.accept())).toEqual(["new"]);
      stream.send({ typeUrl: EDS, resourceNamesSubscribe: ["a", "new"], initialResourceVersions: { a: "1" } });
      if (fed.length > 0) expect(namesOf(await stream.accept())).toEqual(["new"]);
      stream.send({ typeUrl: LDS });
      stream.send({ typeUrl: RDS, resourceNamesSubscribe: ["main"], initialResourceVersions: { main: "older" } });
      stream.ack(await stream.nextOfType(LDS));
      if (fed.length > 0) stream.nack(await stream.nextOfType(RDS), "main: no good");
      const types = () => world.server.clients()[0]?.types ?? [];
      const kept = () => types().flatMap((one) => [...one.held, ...one.quarantined].map(({ name }) => name));
      await eventually(() => expect(kept()).toEqual(["main"]));
      await stream.silence();
      const leaving = types().flatMap((one) => one.leaving.map(({ name }) => name));
      expect(leaving).toEqual(["a"]);
      world.put(hosts("new"), routes("main", { "/x": "new" }));
      for (;;) if ((await stream.accept()).removedResources.includes("a")) break;
    },
  );
});

describe("a cluster that a client says it holds", () => {
  const foreign = () => {
    const made = edsCluster({ name: "foreign" });
    made.edsClusterConfig!.edsConfig!.configSourceSpecifier = { case: "path", value: "/etc/endpoints.yaml" };
    return made;
  };

  test.each(["clusters", "endpoints"] as const)(
    "is sent again when it asks for no endpoints of it (%s first)",
    async (before) => {
      const items = [cluster("a"), hosts("a"), cluster("b"), hosts("b"), foreign()];
      const { world, stream, held } = await started(items);
      await using _ = world;
      stream.send({ typeUrl: EDS, resourceNamesSubscribe: ["a", "b"] });
      const fed = versionsOf(await stream.accept());
      await lose(world, stream);
      // It has no b: as if the server had not been there when it was rejected that b goes.
      const again = world.delta();
      const { b: _b, ...rest } = fed;
      const ask = [
        () => again.send({ node, typeUrl: CDS, initialResourceVersions: held }),
        () => again.send({ node, typeUrl: EDS, resourceNamesSubscribe: ["a"], initialResourceVersions: rest }),
      ];
      for (const say of before === "clusters" ? ask : ask.reverse()) say();
      const said: string[] = [];
      while (!said.includes("b")) said.push(...namesOf(await again.accept()));
      expect(said).toEqual(["b"]);
      await again.silence();
    },
  );

  test("is not when it asks for them, whatever else it asks for later", async () => {
    const items = [
      cluster("a"),
      hosts("a"),
      cluster("b"),
      hosts("b"),
      foreign(),
      httpListener({ name: "l", port: 1, routeConfig: "r" }),
    ];
    const { world, stream, held } = await started(items);
    await using _ = world;
    stream.send({ typeUrl: EDS, resourceNamesSubscribe: ["a", "b"] });
    const fed = versionsOf(await stream.accept());
    stream.send({ typeUrl: LDS });
    const listening = versionsOf(await stream.accept());
    await lose(world, stream);
    const again = world.delta();
    again.send({ node, typeUrl: CDS, initialResourceVersions: held });
    again.send({ typeUrl: EDS, resourceNamesSubscribe: ["a", "b"], initialResourceVersions: fed });
    again.send({ typeUrl: LDS, initialResourceVersions: listening });
    for (let i = 0; i < 2; i++) expect(namesOf(await again.accept())).toEqual([]);
    again.send({ typeUrl: EDS, resourceNamesUnsubscribe: ["b"] });
    await again.silence();
  });
});
