import { createSnapshot, edit, edsCluster, endpoints, httpListener, routes, type Snapshot, typeUrls } from "@rxds/core";
import { BehaviorSubject } from "rxjs";
import { describe, expect, test } from "vitest";
import { differences } from "../../spec-support/sim/oracle.js";
import type { SimProtocol } from "../../spec-support/sim/sim-messages.js";
import { createSimWorld } from "../../spec-support/sim/sim-world.js";

const cluster = (name: string) => edsCluster({ name });
const hosts = (name: string) => endpoints(name, ["127.0.0.1:9001"]);
const listener = (name: string, to: string, port = 80) => httpListener({ name, port, routes: { "/": to } });

const first = createSnapshot([
  cluster("a"),
  hosts("a"),
  httpListener({ name: "l", port: 81, routeConfig: "r" }),
  routes("r", { "/": "a" }),
  listener("m", "a"),
]);

/** A server and an Envoy that has the first configuration. */
function started(protocol: SimProtocol) {
  const snapshots = new BehaviorSubject<Snapshot>(first);
  const world = createSimWorld({
    protocol,
    snapshots,
    delay: () => 3,
    hitless: { lingerMs: 500, drainMs: 3000 },
    airMs: 450,
    times: { drainMs: 3000 },
  });
  world.oracle.configure(first);
  world.connect();
  world.advance(1000);
  const say = (change: Parameters<typeof edit>[1]) => {
    const next = edit(snapshots.value, change);
    world.oracle.configure(next);
    snapshots.next(next);
    world.advance(1000);
  };
  const { envoy } = world;
  return {
    world,
    say,
    /** Where the routes, and the listener with routes of its own, lead. */
    ways: () => [
      envoy.routes
        .get("r")
        ?.facts.ways?.map((way) => way.cluster)
        .join(),
      envoy.listeners.active
        .get("m")
        ?.facts.ways?.map((way) => way.cluster)
        .join(),
    ],
    /** Nothing was lost, and all is as in the configuration but for that. */
    ends: (but: readonly string[] = []) => {
      world.advance(60_000);
      expect(differences(envoy, snapshots.value)).toEqual(but);
      expect(world.oracle.violations).toEqual([]);
      world[Symbol.dispose]();
    },
  };
}

describe.each(["delta", "sotw"] as const)("what waits again and again (%s)", (protocol) => {
  test("goes as far as the clusters that are ready let it", () => {
    const { say, ways, ends } = started(protocol);
    for (const name of ["b", "c", "d"]) {
      say((draft) => draft.set(cluster(name), routes("r", { "/": name }), listener("m", name)));
      expect(ways()).toEqual(["a", "a"]);
    }
    say((draft) => draft.set(hosts("b")));
    expect(ways()).toEqual(["b", "b"]);
    // Not each version that ever was: the next one is the current one.
    say((draft) => draft.set(hosts("c")));
    expect(ways()).toEqual(["b", "b"]);
    say((draft) => draft.set(hosts("d")));
    expect(ways()).toEqual(["d", "d"]);
    ends();
  });

  test("never goes to a cluster that is gone", () => {
    const { say, ways, ends } = started(protocol);
    say((draft) => draft.set(cluster("b"), routes("r", { "/": "b" }), listener("m", "b")));
    say((draft) => {
      draft.set(cluster("c"), routes("r", { "/": "c" }), listener("m", "c"), hosts("b"));
      draft.delete(typeUrls.cluster, "b");
    });
    expect(ways()).toEqual(["a", "a"]);
    say((draft) => draft.set(hosts("c")));
    expect(ways()).toEqual(["c", "c"]);
    ends();
  });

  test("keeps the clusters of the version that it has got to", () => {
    const { say, ways, ends } = started(protocol);
    say((draft) => draft.set(cluster("b"), routes("r", { "/": "b" }), listener("m", "b")));
    say((draft) => draft.set(cluster("c"), routes("r", { "/": "c" }), listener("m", "c")));
    say((draft) => draft.set(hosts("b")));
    say((draft) => {
      draft.delete(typeUrls.cluster, "a");
      draft.delete(typeUrls.cluster, "b");
      draft.delete(typeUrls.endpoints, "a");
      draft.delete(typeUrls.endpoints, "b");
    });
    expect(ways()).toEqual(["b", "b"]);
    say((draft) => draft.set(hosts("c")));
    expect(ways()).toEqual(["c", "c"]);
    ends();
  });

  test("does not keep for ever what a rejected listener would have led to", () => {
    const { say, ends } = started(protocol);
    const twin = httpListener({ name: "twin", port: 81, routeConfig: "r2" });
    say((draft) => draft.set(cluster("b"), hosts("b"), routes("r2", { "/": "b" }), twin));
    say((draft) => {
      draft.set(routes("r2", { "/": "a" }));
      draft.delete(typeUrls.cluster, "b");
      draft.delete(typeUrls.endpoints, "b");
    });
    ends(["twin is not as in the target"]);
  });

  test("waits with a listener that is to listen elsewhere by now", () => {
    const { say, ways, ends } = started(protocol);
    say((draft) => draft.set(cluster("b"), listener("m", "b")));
    say((draft) => draft.set(cluster("c"), listener("m", "c", 82)));
    say((draft) => draft.set(hosts("b")));
    expect(ways()).toEqual(["a", "a"]);
    say((draft) => draft.set(hosts("c")));
    expect(ways()).toEqual(["a", "c"]);
    ends();
  });
});
