import { createServer } from "node:net";
import { edsCluster, endpoints, httpListener, routes, staticCluster, tcpListener, typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { type Said, withTwins } from "./simulated-lab.js";

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}

const cluster = (name: string, connectTimeoutMs = 1000) => edsCluster({ name, connectTimeoutMs });
const hosts = (name: string) => endpoints(name, ["127.0.0.1:9001"]);
const statically = staticCluster({ name: "b", endpoints: ["127.0.0.1:9002"] });
const badCluster = { ...cluster("bad"), edsClusterConfig: undefined };

const agree = (said: Said) => expect(said.simulated).toEqual(said.real);

describe.each(["delta", "sotw"] as const)("a simulated and a real Envoy in %s", (protocol) => {
  const delta = protocol === "delta";

  test("say the same when they start, and when clusters come, change, are bad and go", async () => {
    await withTwins(protocol, async ({ say, reconnect }, first) => {
      agree(first);
      agree(await say([cluster("a"), statically]));
      agree(await say([hosts("a")]));
      agree(await say([httpListener({ name: "l", port: 0, routeConfig: "r" })]));
      agree(await say([routes("r", { "/": "a" })]));
      const rest = delta ? [] : [statically];
      // It warms until its endpoints come, and what is said of clusters meanwhile is not answered.
      agree(await say([cluster("a", 7), ...rest]));
      agree(await say([hosts("a")]));
      const more = delta ? [] : [cluster("a", 7), statically];
      agree(await say([...more, cluster("c")]));
      agree(await say([...more, cluster("d"), ...(delta ? [] : [cluster("c")])]));
      agree(await say([hosts("d")]));
      agree(await say([...more, badCluster, ...(delta ? [] : [cluster("c")])], delta ? ["d"] : []));
      agree(await say([hosts("c")]));
      agree(await say([], ["r"], typeUrls.routes));
      agree(await reconnect());
      agree(await say([...more, cluster("e"), ...(delta ? [] : [cluster("c")])]));
      // While a cluster warms, clusters are not asked for.
      agree(await reconnect());
      agree(await say([hosts("e")]));
    });
  });

  test("say the same when clusters share their endpoints, rename them, or have no more of them", async () => {
    const shared = (name: string, serviceName = "shared") => edsCluster({ name, serviceName });
    const others = delta ? [] : [statically];
    await withTwins(protocol, async ({ say }) => {
      await say([statically, shared("one")]);
      await say([hosts("shared")]);
      await say([httpListener({ name: "l", port: 0, routeConfig: "r" })]);
      await say([routes("r", { "/": "one" })]);
      agree(await say([...others, shared("two"), ...(delta ? [] : [shared("one")])]));
      agree(await say([hosts("shared")]));
      agree(await say([...others, shared("two", "own"), ...(delta ? [] : [shared("one")])]));
      agree(await say([hosts("own")]));
      const fixed = staticCluster({ name: "two", endpoints: ["127.0.0.1:9003"] });
      agree(await say([...others, fixed, ...(delta ? [] : [shared("one")])]));
      agree(await say(delta ? [] : [...others, fixed], delta ? ["one"] : [], typeUrls.cluster));
      // Nobody asks for them any more.
      agree(await say([hosts("shared")]));
    });
  });

  test("say the same when listeners lead to clusters that are not there", async () => {
    const inline = httpListener({ name: "inline", port: 0, routes: { "/": "nowhere" } });
    const tcp = tcpListener({ name: "tcp", port: 0, cluster: "nowhere" });
    await withTwins(protocol, async ({ say }) => {
      await say([statically]);
      agree(await say([inline]));
      agree(await say([tcp]));
      agree(await say([tcp, httpListener({ name: "inline", port: 0, routes: { "/": "b" } })]));
    });
  });

  test("say the same when listeners are handed over, changed, bad, and drained", async () => {
    const port = await freePort();
    const listener = (name: string, routeConfig: string) => httpListener({ name, port, routeConfig });
    const bad = { ...listener("bad", "r"), filterChains: [] };
    await withTwins(protocol, async ({ say, wait, reconnect }) => {
      await say([statically]);
      agree(await say([listener("l1", "r")]));
      agree(await say([routes("r", { "/": "b" })]));
      agree(await say([listener("l2", "r")], delta ? ["l1"] : []));
      agree(await say([listener("l2", "r"), listener("l3", "r")]));
      agree(await say([listener("l2", "r2")]));
      agree(await say([routes("r2", { "/": "b" })]));
      // The routes of the version that drains are no longer asked for when it has drained.
      agree(await wait(2000));
      const twice = routes("r2", { "/": "b" });
      twice.virtualHosts.push(...twice.virtualHosts);
      agree(await say([twice]));
      agree(await say([bad], delta ? ["l2"] : []));
      agree(await reconnect());
    });
  });
});
