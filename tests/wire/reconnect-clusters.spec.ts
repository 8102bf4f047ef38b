import { eventually } from "@rxds/testkit";
import { edsCluster, httpListener, routes, typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { lose, started, versionsOf } from "./reconnect.js";
import { cluster, hosts, namesOf, node, startWorld } from "./world.js";

const CDS = typeUrls.cluster;
const EDS = typeUrls.endpoints;
const LDS = typeUrls.listener;
const RDS = typeUrls.routes;

describe("a delta client that comes back", () => {
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

  test("waits with routes to a cluster that has no endpoints, whatever it says first", async () => {
    const { world, stream, held } = await started([
      cluster("a"),
      hosts("a"),
      cluster("new"),
      routes("main", { "/": "a" }),
    ]);
    await using _ = world;
    stream.send({ typeUrl: EDS, resourceNamesSubscribe: ["a", "new"] });
    const fed = versionsOf(await stream.accept());
    stream.send({ typeUrl: RDS, resourceNamesSubscribe: ["main"] });
    const routed = versionsOf(await stream.accept());
    await lose(world, stream);
    world.put(routes("main", { "/": "new" }));
    const again = world.delta();
    again.send({ node, typeUrl: EDS, resourceNamesSubscribe: ["a", "new"], initialResourceVersions: fed });
    expect((await again.accept()).removedResources).toEqual(["new"]);
    again.send({ typeUrl: CDS, initialResourceVersions: held });
    expect(namesOf(await again.accept())).toEqual([]);
    again.send({ typeUrl: RDS, resourceNamesSubscribe: ["main"], initialResourceVersions: routed });
    await again.silence();
    world.put(hosts("new"));
    expect(namesOf(await again.accept())).toEqual(["new"]);
    expect(namesOf(await again.accept())).toEqual(["main"]);
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
