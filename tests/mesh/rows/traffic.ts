import { eventually } from "@rxds/testkit";
import { clusterOf, ms } from "./config.js";
import type { Asker, Row } from "./row.js";

const AT = "TrafficPolicy";

/** Who answered each of some requests. */
async function backends(
  asker: Asker,
  service: string,
  times: number,
  headers: readonly Record<string, string>[] = [{}],
) {
  const found: string[] = [];
  for (let i = 0; i < times; i++) {
    found.push(await asker.brief("web", service, { headers: headers[i % headers.length]! }));
  }
  return found;
}

const kinds = (answers: readonly string[]) => new Set(answers).size;

/** How a service's workloads are reached. */
export const traffic: readonly Row[] = [
  {
    name: "requests with the same header go to the same workload, others elsewhere",
    covers: [`${AT}.loadBalancing.policy`, `${AT}.loadBalancing.hash.header`, `${AT}.service`],
    ask: async (asker) => {
      const same = kinds(await backends(asker, "ring", 6, [{ "x-user": "one" }]));
      const users = Array.from({ length: 12 }, (_, i) => ({ "x-user": `user-${i}` }));
      return { same, others: kinds(await backends(asker, "ring", 12, users)) };
    },
    expect: { same: 1, others: 2 },
  },
  {
    name: "a cookie is set, and leads to the same workload",
    covers: [`${AT}.loadBalancing.hash.cookie`, `${AT}.loadBalancing.hash.ttl`],
    ask: async (asker) => {
      const { headers } = await asker.http("web", "cookie");
      const set = [headers?.["set-cookie"] ?? []].flat().join();
      const cookie = set.split(";")[0]!;
      const same = kinds(await backends(asker, "cookie", 6, [{ cookie }]));
      const sessions = Array.from({ length: 12 }, (_, i) => ({ cookie: `session=${i}` }));
      return { set: set.replace(/="[^"]*"/, ""), same, others: kinds(await backends(asker, "cookie", 12, sessions)) };
    },
    expect: { set: "session; Max-Age=60; Path=/; HttpOnly", same: 1, others: 2 },
  },
  {
    name: "requests from one address go to the same workload",
    covers: [`${AT}.loadBalancing.hash.sourceAddress`],
    ask: async (asker) => kinds(await backends(asker, "source", 6)),
    expect: 1,
  },
  {
    name: "a workload that fails twice is left out, but never more than half of them",
    covers: [`${AT}.outlierDetection.consecutiveErrors`, `${AT}.outlierDetection.maxEjectionPercent`],
    ask: async (asker) => {
      const out = () => asker.stat("web", "default/outlier:80", "outlier_detection.ejections_active");
      await backends(asker, "outlier", 2, [{ "x-status": "500" }]);
      const after = [await out()];
      await backends(asker, "outlier", 8, [{ "x-status": "500" }]);
      after.push(await out());
      return { after, left: kinds(await backends(asker, "outlier", 4)) };
    },
    expect: { after: [0, 1], left: 1 },
  },
  {
    name: "a workload that was left out comes back",
    covers: [`${AT}.outlierDetection.baseEjection`, `${AT}.outlierDetection.interval`],
    ask: async (asker) => {
      const stat = (name: string) => asker.stat("web", "default/ejected:80", `outlier_detection.${name}`);
      await backends(asker, "ejected", 4, [{ "x-status": "500" }]);
      const total = await stat("ejections_total");
      await eventually(
        async () => {
          if ((await stat("ejections_active")) > 0) throw new Error("some are still left out");
        },
        { deadlineMs: 10_000, describe: "all are back" },
      );
      return total > 0;
    },
    expect: true,
  },
  {
    name: "one connection and one more request that waits for it, not more",
    covers: [`${AT}.circuitBreakers.maxConnections`, `${AT}.circuitBreakers.maxPendingRequests`],
    ask: async ({ brief }) => {
      await brief("web", "connections");
      const slow = () => brief("web", "connections", { headers: { "x-delay-ms": "400" } });
      return (await Promise.all([slow(), slow(), slow()])).sort();
    },
    expect: ["200 back-a", "200 back-a", "503"],
  },
  {
    name: "one request at a time",
    covers: [`${AT}.circuitBreakers.maxRequests`],
    ask: async ({ brief }) => {
      const slow = () => brief("web", "requests", { http2: true, headers: { "x-delay-ms": "400" } });
      return (await Promise.all([slow(), slow()])).sort();
    },
    expect: ["200 back-a", "503"],
  },
  {
    name: "no retries beyond the limit of all requests together",
    covers: [`${AT}.circuitBreakers.maxRetries`],
    ask: async ({ growth, brief }) => {
      const ask = () => brief("web", "retries", { headers: { "x-status": "503" } });
      return [
        await growth("web", "default/retries:80", "upstream_rq_retry_overflow", ask),
        await growth("web", "default/retries:80", "upstream_rq_retry", ask),
      ];
    },
    expect: [1, 0],
  },
  {
    name: "a time limit for connecting",
    covers: [`${AT}.connectionPool.connectTimeout`],
    // The default is longer than the route's limit, which would be answered with 504.
    ask: ({ brief }) => brief("web", "slow-connect"),
    expect: "503",
  },
  {
    name: "one request for each connection, on one port",
    covers: [`${AT}.connectionPool.maxRequestsPerConnection`, `${AT}.ports[]`],
    ask: async ({ growth, brief }) => {
      const twice = (port: number) =>
        growth("web", `default/single-use:${port}`, "upstream_cx_total", async () => {
          await brief("web", "single-use", { port });
          await brief("web", "single-use", { port });
        });
      return [await twice(8080), await twice(80)];
    },
    expect: [2, 1],
  },
  {
    name: "idle connections are closed",
    covers: [`${AT}.connectionPool.idleTimeout`],
    ask: async ({ brief, stat }) => {
      await brief("web", "idle");
      await eventually(
        async () => {
          if ((await stat("web", "default/idle:80", "upstream_cx_active")) > 0) throw new Error("it is still open");
        },
        { deadlineMs: 10_000, describe: "the connection is closed" },
      );
      return "closed";
    },
    expect: "closed",
  },
  {
    name: "checked workloads: only the healthy one is asked",
    covers: [`${AT}.healthCheck.path`, `${AT}.healthCheck.interval`],
    ask: async (asker) => {
      await eventually(
        async () => {
          const healthy = await asker.stat("web", "default/checked:80", "membership_healthy");
          if (healthy !== 1) throw new Error(`${healthy} are healthy`);
        },
        { deadlineMs: 10_000, describe: "one of two is healthy" },
      );
      const answers = await backends(asker, "checked", 6);
      const { healthChecks } = await clusterOf(asker, "web", "default/checked:80");
      const checker = healthChecks[0]?.healthChecker;
      return [...new Set(answers), checker?.case === "httpHealthCheck" ? checker.value.path : checker?.case];
    },
    expect: ["200 plain-a", "/healthy"],
  },
  {
    name: "how workloads are checked",
    covers: ["timeout", "healthyThreshold", "unhealthyThreshold"].map((field) => `${AT}.healthCheck.${field}`),
    ask: async (asker) => {
      const [check] = (await clusterOf(asker, "web", "default/checked:80")).healthChecks;
      return [ms(check?.interval), ms(check?.timeout), check?.healthyThreshold, check?.unhealthyThreshold];
    },
    expect: [100, 400, 3, 2],
  },
  {
    name: "the zone with the lower priority is asked",
    covers: [`${AT}.localities[].zone`, `${AT}.localities[].priority`],
    ask: async (asker) => [...new Set(await backends(asker, "zone", 6))],
    expect: ["200 back-b"],
  },
  {
    name: "zones are asked by weight",
    covers: [`${AT}.localities[].weight`],
    ask: async (asker) => [...new Set(await backends(asker, "weight", 6))],
    expect: ["200 back-b"],
  },
  {
    name: "regions",
    covers: [`${AT}.localities[].region`],
    ask: async (asker) => [...new Set(await backends(asker, "region", 6))],
    expect: ["200 back-b"],
  },
];
