import { ms, routeOf } from "./config.js";
import type { Row } from "./row.js";

const AT = "Route.rules[]";

/** What rules do with requests. */
export const actions: readonly Row[] = [
  {
    name: "backends and their weights",
    covers: [`${AT}.backends[].service`, `${AT}.backends[].weight`],
    ask: async ({ brief }) => [await brief("web", "split"), await brief("web", "split"), await brief("web", "split")],
    expect: ["200 back-b", "200 back-b", "200 back-b"],
  },
  {
    name: "a backend's port",
    covers: [`${AT}.backends[].port`],
    ask: ({ brief }) => brief("web", "split", { path: "/port" }),
    expect: "200 back-a-8080",
  },
  {
    name: "a time limit",
    covers: [`${AT}.timeout`],
    ask: async ({ brief }) => [
      await brief("web", "timeout", { headers: { "x-delay-ms": "2000" } }),
      await brief("web", "timeout"),
    ],
    expect: ["504", "200 back-a"],
  },
  {
    name: "retries on status codes, so many times",
    covers: [`${AT}.retries.statusCodes[]`, `${AT}.retries.attempts`],
    ask: ({ growth, brief }) =>
      growth("web", "default/retry-codes:80", "upstream_rq_retry", () =>
        brief("web", "retry-codes", { path: "/codes", headers: { "x-status": "418" } }),
      ),
    expect: 3,
  },
  {
    name: "retries on conditions, once",
    covers: [`${AT}.retries.on[]`],
    ask: ({ growth, brief }) =>
      growth("web", "default/retry-codes:80", "upstream_rq_retry", async () => {
        await brief("web", "retry-codes", { headers: { "x-status": "503" } });
        // Not among the conditions.
        await brief("web", "retry-codes", { headers: { "x-status": "418" } });
      }),
    expect: 1,
  },
  {
    name: "retries of what never reached a workload",
    covers: [`${AT}.retries.attempts`],
    ask: async ({ brief }) => [
      await brief("web", "retry-default"),
      await brief("web", "retry-default"),
      await brief("web", "retry-default", { headers: { "x-status": "503" } }),
    ],
    expect: ["200 plain-a", "200 plain-a", "503 plain-a"],
  },
  {
    name: "a time limit for each try",
    covers: [`${AT}.retries.perTryTimeout`],
    ask: ({ brief }) => brief("web", "retry-slow", { headers: { "x-delay-ms": "2500" } }),
    expect: "504",
  },
  {
    name: "waiting between tries",
    covers: [`${AT}.retries.backoff.base`],
    // The second try would have been answered with 503 at once.
    ask: ({ brief }) => brief("web", "retry-backoff", { headers: { "x-status": "503" } }),
    expect: "504",
  },
  {
    name: "waiting between tries, at most",
    covers: [`${AT}.retries.backoff.max`],
    ask: async (asker) => {
      const { action } = await routeOf(asker, "web", "http/10.96.0.21:80", "default/retry-backoff[0]");
      return action.case === "route" ? ms(action.value.retryPolicy?.retryBackOff?.maxInterval) : action.case;
    },
    expect: 48 * 3_600_000,
  },
  {
    name: "changed headers of requests",
    covers: [`${AT}.requestHeaders.set.*`, `${AT}.requestHeaders.add.*`, `${AT}.requestHeaders.remove[]`],
    ask: async ({ http }) => {
      const headers = { "x-set": "old", "x-add": "first", "x-remove": "gone" };
      const { received = {} } = await http("web", "headers", { headers });
      return [received["x-set"], received["x-add"], received["x-remove"]];
    },
    expect: ["new", "first, second", undefined],
  },
  {
    name: "changed headers of responses",
    covers: [`${AT}.responseHeaders.set.*`, `${AT}.responseHeaders.add.*`, `${AT}.responseHeaders.remove[]`],
    ask: async ({ http }) => {
      const { headers = {} } = await http("web", "headers");
      return [headers["content-type"], headers["x-added"], headers["x-upstream"]];
    },
    expect: ["text/changed", "yes", undefined],
  },
  {
    name: "a redirect to another URL",
    covers: ["scheme", "host", "port", "path", "status"].map((field) => `${AT}.redirect.${field}`),
    ask: async ({ http }) => {
      const { status, headers } = await http("web", "redirect", { path: "/whole" });
      return [status, headers?.location];
    },
    expect: [308, "https://new.example.com:8443/new"],
  },
  {
    name: "a redirect of a prefix",
    covers: [`${AT}.redirect.prefix`],
    ask: async ({ http }) => {
      const host = "redirect.example.com";
      const old = await http("web", "redirect", { path: "/old/x?q=1", host });
      const away = await http("web", "redirect", { path: "/away/x", host });
      return [old.status, old.headers?.location, away.headers?.location];
    },
    expect: [302, "http://redirect.example.com/new/x?q=1", "http://redirect.example.com/x"],
  },
  {
    name: "a rewrite of prefix and host",
    covers: [`${AT}.rewrite.prefix`, `${AT}.rewrite.host`],
    ask: async ({ http }) => {
      const api = await http("web", "rewrite", { path: "/api/users" });
      const top = await http("web", "rewrite", { path: "/api" });
      const v1 = await http("web", "rewrite", { path: "/v1/users?q=1" });
      return [api.path, api.received?.host, top.path, v1.path];
    },
    expect: ["/users", "inner.example.com", "/", "/v2/users?q=1"],
  },
  {
    name: "a rewrite by a regular expression",
    covers: [`${AT}.rewrite.regex.pattern`, `${AT}.rewrite.regex.substitution`],
    ask: async ({ http }) => (await http("web", "rewrite", { path: "/re/abc/1" })).path,
    expect: "/abc/done/1",
  },
  {
    name: "a mirror",
    covers: [`${AT}.mirror.service`, `${AT}.mirror.port`],
    ask: async ({ growth, brief }) => {
      let answer = "";
      const copies = await growth("web", "default/blue:8080", "upstream_rq_total", async () => {
        answer = await brief("web", "mirror");
      });
      return [answer, copies];
    },
    expect: ["200 back-a", 1],
  },
  {
    name: "a mirror of no requests",
    covers: [`${AT}.mirror.percent`],
    ask: ({ growth, brief }) =>
      growth("web", "default/blue:8080", "upstream_rq_total", () => brief("web", "mirror", { path: "/never" })),
    expect: 0,
  },
  {
    name: "an abort",
    covers: [`${AT}.fault.abort.status`],
    ask: ({ brief }) => brief("web", "fault", { path: "/abort" }),
    expect: "418",
  },
  {
    name: "a delay",
    covers: [`${AT}.fault.delay.duration`],
    ask: ({ brief }) => brief("web", "fault", { path: "/hold", timeoutMs: 300 }),
    expect: "timeout",
  },
  {
    name: "faults for no requests",
    covers: [`${AT}.fault.abort.percent`, `${AT}.fault.delay.percent`],
    ask: ({ brief }) => brief("web", "fault", { path: "/hardly" }),
    expect: "200 back-a",
  },
];
