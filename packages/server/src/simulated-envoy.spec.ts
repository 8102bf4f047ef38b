import { create } from "@bufbuild/protobuf";
import {
  createOpaqueResource,
  createSnapshot,
  edit,
  edsCluster,
  endpoints,
  httpListener,
  routes,
  staticCluster,
  typeUrls,
} from "@rxds/core";
import { HealthCheckSchema } from "@rxds/envoy-api/envoy/config/core/v3/health_check";
import { SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import { BehaviorSubject } from "rxjs";
import { describe, expect, test } from "vitest";
import { differences } from "../spec-support/sim/oracle.js";
import { createSimBench, type SimBench } from "../spec-support/sim/sim-bench.js";
import type { SimProtocol } from "../spec-support/sim/sim-messages.js";
import { createSimWorld } from "../spec-support/sim/sim-world.js";

const cluster = (name: string, connectTimeoutMs = 1000) => edsCluster({ name, connectTimeoutMs });
const hosts = (name: string, port = 9001) => endpoints(name, [`127.0.0.1:${port}`]);
const listener = (name: string, routeConfig: string, port = 80) => httpListener({ name, port, routeConfig });
const badListener = (name: string, port = 80) => ({ ...listener(name, "r", port), filterChains: [] });
const badCluster = (name: string) => ({ ...cluster(name), edsClusterConfig: undefined });
const torn = (type: string, name: string) =>
  createOpaqueResource({ typeUrl: type, value: new Uint8Array([10, 9]) }, name);

/** An Envoy with cluster a, listener l and routes r. */
function started(protocol: SimProtocol, times = {}): SimBench {
  const bench = createSimBench(protocol, times);
  bench.say([cluster("a")]);
  bench.say([hosts("a")]);
  bench.say([listener("l", "r")]);
  bench.say([routes("r", { "/": "a" })]);
  bench.heard();
  return bench;
}

const answers = (words: readonly string[]) => words.filter((word) => / (ack|nack) /.test(word));

describe.each(["delta", "sotw"] as const)("a simulated Envoy in %s", (protocol) => {
  const delta = protocol === "delta";

  test("starts in the order of a real one", () => {
    const bench = createSimBench(protocol);
    bench.say([cluster("a"), staticCluster({ name: "b", endpoints: ["127.0.0.1:1"] })]);
    bench.say([hosts("a")]);
    bench.say([listener("l", "r")]);
    bench.say([routes("r", { "/": "a" })]);
    expect(bench.heard()).toEqual([
      "CDS first",
      "EDS first +a",
      "CDS ack 1",
      "LDS first",
      "EDS ack 2",
      "RDS first +r",
      "LDS ack 3",
      "RDS ack 4",
    ]);
  });

  test("says after a reconnect what it last accepted, with all names that it uses", () => {
    const bench = started(protocol);
    bench.envoy.disconnect();
    bench.envoy.connect();
    expect(bench.requests.map(({ type, nonce }) => [type, nonce])).toEqual(
      [typeUrls.cluster, typeUrls.endpoints, typeUrls.listener, typeUrls.routes].map((type) => [type, ""]),
    );
    const first = bench.requests[0]!;
    if (delta) expect(Object.keys(first.initialVersions)).toEqual(["a"]);
    else expect(first.version).toBe("1");
  });

  test("does not ask for clusters after a reconnect before the one that warms is ready", () => {
    const bench = started(protocol);
    bench.say([cluster("a"), cluster("c")]);
    bench.envoy.disconnect();
    bench.heard();
    bench.envoy.connect();
    expect(bench.heard().filter((word) => word.startsWith("CDS"))).toEqual([]);
    bench.say([hosts("c")]);
    expect(bench.heard()).toEqual([delta ? "CDS first" : "CDS first v5", "EDS ack 6"]);
  });

  test("withholds the answer about clusters, be it a rejection, while one warms", () => {
    const bench = started(protocol);
    const all = [cluster("a"), cluster("c"), cluster("d")];
    bench.say(all.slice(0, 2));
    bench.say(all);
    bench.say([...all, badCluster("e")]);
    bench.say([hosts("d")]);
    expect(bench.envoy.clusters.active.has("d")).toBe(true);
    expect(answers(bench.heard()).filter((word) => word.startsWith("CDS"))).toEqual([]);
    bench.say([hosts("c")]);
    const given = answers(bench.heard()).filter((word) => word.startsWith("CDS"));
    const rejection = expect.stringMatching(/^CDS nack 7: .*e: cannot create an EDS cluster/);
    // In state of the world it says nothing of what was overtaken.
    expect(given).toEqual(delta ? ["CDS ack 5", "CDS ack 6", rejection] : [rejection]);
  });

  test("goes on with the old version of a cluster until endpoints come behind the new one", () => {
    const bench = started(protocol);
    bench.say([hosts("a")]);
    bench.heard();
    bench.say([cluster("a", 7)]);
    // Only in state of the world it asks for them.
    expect(bench.heard()).toEqual(delta ? [] : ["EDS of 5 =a"]);
    expect(bench.envoy.clusters.active.get("a")?.usable).toBe(true);
    bench.say([hosts("a")]);
    expect(answers(bench.heard())).toContain("CDS ack 6");
    expect(bench.oracle.violations).toEqual([]);
  });

  test("waits 15 seconds for endpoints, then goes on without", () => {
    const bench = started(protocol);
    bench.say([cluster("a", 7)]);
    bench.heard();
    bench.envoy.tick(14_999);
    expect(bench.heard()).toEqual([]);
    bench.envoy.tick(1);
    expect(bench.heard()).toEqual(delta ? ["CDS ack 5"] : ["EDS of 2 =a", "CDS ack 5"]);
    expect(bench.envoy.clusters.active.get("a")?.usable).toBe(true);
  });

  test("waits for ever with a time of 0", () => {
    const bench = started(protocol, { fetchMs: 0 });
    bench.say([cluster("a", 7)]);
    bench.envoy.tick(1_000_000);
    expect(answers(bench.heard())).toEqual([]);
  });

  test("takes a cluster with health checks into use after the first of them", () => {
    const bench = started(protocol);
    const checked = cluster("c");
    checked.healthChecks = [create(HealthCheckSchema)];
    bench.say([cluster("a"), checked]);
    bench.say([hosts("c")]);
    bench.envoy.tick(799);
    expect(bench.envoy.clusters.active.has("c")).toBe(false);
    bench.envoy.tick(1);
    expect(bench.envoy.clusters.active.get("c")?.usable).toBe(true);
  });

  test("waits with a cluster for secrets, and asks only for those that it has not", () => {
    const bench = started(protocol);
    const secured = (name: string) => edsCluster({ name, tls: { validation: "s" } });
    const secret = create(SecretSchema, { name: "s" });
    bench.say([cluster("a"), secured("c")]);
    bench.say([hosts("c")]);
    expect(bench.heard()).toContain("SDS first +s");
    expect(bench.envoy.clusters.warming.has("c")).toBe(true);
    bench.say([secret]);
    expect(bench.envoy.clusters.active.has("c")).toBe(true);
    bench.heard();
    bench.say([cluster("a"), secured("c"), secured("d")]);
    bench.say([hosts("d")]);
    expect(bench.heard().filter((word) => word.startsWith("SDS"))).toEqual([]);
  });

  test("applies what is good of a rejected response, removals too", () => {
    const bench = started(protocol);
    bench.say([cluster("a"), cluster("g")]);
    bench.say([hosts("g")]);
    bench.heard();
    bench.say([cluster("a"), cluster("k"), badCluster("bad")], delta ? ["g"] : []);
    bench.say([hosts("k")]);
    expect(answers(bench.heard())).toContainEqual(expect.stringMatching(/^CDS nack 7: .*bad: cannot create/));
    expect([...bench.envoy.clusters.active.keys()]).toEqual(["a", "k"]);
    bench.envoy.disconnect();
    bench.envoy.connect();
    // What it says then is what it last accepted, not what it runs.
    const first = bench.requests[0]!;
    if (delta) expect(Object.keys(first.initialVersions)).toEqual(["a", "g"]);
    else expect(first.version).toBe("5");
  });

  test("applies nothing of a response with a resource that it can't read", () => {
    const bench = started(protocol);
    bench.say([cluster("k"), torn(typeUrls.cluster, "t")], delta ? ["a"] : []);
    expect(bench.heard()).toEqual(["CDS nack 5: t: Unable to unpack"]);
    expect([...bench.envoy.clusters.active.keys()]).toEqual(["a"]);
  });

  test("keeps what it has of endpoints and routes that are removed or left out", () => {
    const bench = started(protocol);
    bench.say([], ["r"], typeUrls.routes);
    bench.say([], ["a"], typeUrls.endpoints);
    expect(bench.heard()).toEqual(["RDS ack 5", "EDS ack 6"]);
    expect(bench.envoy.routes.has("r")).toBe(true);
    expect(bench.envoy.clusters.active.get("a")?.usable).toBe(true);
  });

  test("hands the socket over to a listener that comes with the removal of the one before", () => {
    const bench = started(protocol);
    bench.say([listener("l2", "r")], delta ? ["l"] : []);
    expect(bench.envoy.listeners.at("127.0.0.1:80/tcp")).toBe("accepts");
    expect([...bench.envoy.listeners.draining].map(({ name }) => name)).toEqual(["l"]);
  });

  test("lets connections wait while the new listener at an address has no routes", () => {
    const bench = started(protocol);
    bench.say([listener("l2", "r2")], delta ? ["l"] : []);
    expect(bench.envoy.listeners.at("127.0.0.1:80/tcp")).toBe("waits");
    bench.say([routes("r2", { "/": "a" })]);
    expect(bench.envoy.listeners.at("127.0.0.1:80/tcp")).toBe("accepts");
  });

  test("closes the port when the new listener is bad", () => {
    const bench = started(protocol);
    bench.say([badListener("l2")], delta ? ["l"] : []);
    expect(bench.heard()).toContainEqual(expect.stringMatching(/^LDS nack 5: .*no filter chains specified/));
    expect(bench.envoy.listeners.at("127.0.0.1:80/tcp")).toBe("closed");
  });

  test("refuses a second listener at an address, and two that exchange theirs", () => {
    const bench = started(protocol);
    bench.say([listener("l", "r"), listener("l2", "r")]);
    expect(bench.heard()).toContainEqual(expect.stringMatching(/^LDS nack 5: .*'l2' has duplicate address/));
    bench.say([listener("l", "r"), listener("l2", "r", 81)]);
    bench.heard();
    bench.say([listener("l", "r", 81), listener("l2", "r", 80)]);
    expect(bench.heard()).toContainEqual(
      expect.stringMatching(/'l' has duplicate address.*'l2' has duplicate address/),
    );
    expect(bench.envoy.listeners.at("127.0.0.1:80/tcp")).toBe("accepts");
  });

  test("serves with the old version of a listener until the routes of the new one come", () => {
    const bench = started(protocol);
    bench.say([listener("l", "r2")]);
    expect(bench.heard()).toContain("LDS ack 5");
    expect(bench.envoy.listeners.active.get("l")?.facts.routes).toEqual(["r"]);
    bench.say([routes("r2", { "/": "a" })]);
    expect(bench.envoy.listeners.active.get("l")?.facts.routes).toEqual(["r2"]);
  });

  test("asks for the routes of a draining listener until it is drained", () => {
    const bench = started(protocol, { drainMs: 3000 });
    bench.say([listener("l", "r2")]);
    bench.say([routes("r2", { "/": "a" })]);
    bench.heard();
    bench.envoy.tick(2999);
    expect(bench.heard()).toEqual([]);
    bench.envoy.tick(1);
    expect(bench.heard()).toEqual([delta ? "RDS -r" : "RDS of 6 =r2"]);
  });

  test("does not stop asking for routes that a listener in use shares with a draining one", () => {
    const bench = started(protocol, { drainMs: 3000 });
    bench.say([httpListener({ name: "l", port: 80, routeConfig: "r", statPrefix: "other" })]);
    bench.heard();
    bench.envoy.tick(3000);
    expect(bench.heard()).toEqual([]);
  });

  test("refuses a listener whose own routes lead to a cluster that it has not", () => {
    const bench = started(protocol);
    bench.say([listener("l", "r"), httpListener({ name: "m", port: 81, routes: { "/": "nowhere" } })]);
    expect(bench.heard()).toContainEqual(expect.stringMatching(/^LDS nack 5: .*unknown cluster 'nowhere'/));
  });

  test("accepts routes to a cluster that it has not: only the oracle sees it, when the cluster is known", () => {
    const bench = started(protocol);
    bench.oracle.configure(createSnapshot([cluster("a"), cluster("late")]));
    bench.say([routes("r", { "/": "bootstrap" })]);
    expect(bench.heard()).toEqual(["RDS ack 5"]);
    expect(bench.oracle.violations).toEqual([]);
    bench.say([routes("r", { "/": "late" })]);
    expect(bench.heard()).toEqual(["RDS ack 6"]);
    expect(bench.oracle.violations).toContainEqual(
      expect.stringContaining("l leads requests to late, which is not there"),
    );
  });

  test("keeps the routes that it has when the new ones are bad", () => {
    const bench = started(protocol);
    const bad = routes("r", { "/": "a" });
    bad.virtualHosts.push(...bad.virtualHosts);
    bench.say([bad]);
    expect(bench.heard()).toEqual([expect.stringMatching(/^RDS nack 5: Only unique values for domains/)]);
    expect(bench.envoy.routes.get("r")?.facts.ways).toEqual([{ cluster: "a", retryMs: 0 }]);
  });
});

test("a simulated Envoy in delta takes word that the endpoints of a warming cluster are not there for their end", () => {
  const bench = started("delta");
  bench.say([cluster("d")]);
  bench.say([], ["d"], typeUrls.endpoints);
  expect(bench.heard()).toEqual(["EDS +d", "CDS ack 5", "EDS ack 6"]);
  expect(bench.envoy.clusters.active.get("d")?.usable).toBe(false);
});

describe.each(["delta", "sotw"] as const)("the server and a simulated Envoy in %s", (protocol) => {
  const first = createSnapshot([cluster("a"), hosts("a"), listener("l", "r"), routes("r", { "/": "a" })]);
  const next = edit(first, (draft) => {
    draft.set(cluster("b"), hosts("b", 9002), routes("r", { "/": "b" }));
    draft.delete(typeUrls.cluster, "a");
    draft.delete(typeUrls.endpoints, "a");
  });

  test("understand each other, byte by byte", () => {
    const snapshots = new BehaviorSubject(first);
    using world = createSimWorld({ protocol, snapshots, delay: () => 3 });
    world.connect();
    world.advance(1000);
    expect(differences(world.envoy, first)).toEqual([]);
    snapshots.next(next);
    world.advance(10_000);
    expect(differences(world.envoy, next)).toEqual([]);
  });

  test("come to the newest snapshot after a reconnect", () => {
    const snapshots = new BehaviorSubject(first);
    using world = createSimWorld({ protocol, snapshots });
    world.connect();
    world.advance(1000);
    world.envoy.disconnect();
    snapshots.next(next);
    world.connect();
    world.advance(10_000);
    expect(differences(world.envoy, next)).toEqual([]);
  });
});
