import type { Row } from "./row.js";

const AT = "AuthorizationPolicy";
const DENIED = "403";

/** Who may call. */
export const authorization: readonly Row[] = [
  {
    name: "methods are denied",
    covers: [`${AT}.action`, `${AT}.services[]`, `${AT}.rules[].to[].methods[]`],
    ask: async ({ brief }) => [
      await brief("web", "deny-methods", { method: "DELETE" }),
      await brief("web", "deny-methods"),
      await brief("web", "blue", { method: "DELETE" }),
    ],
    expect: [DENIED, "200 back-a", "200 back-a"],
  },
  {
    name: "paths are denied",
    covers: [`${AT}.rules[].to[].paths[]`],
    ask: async ({ brief }) => [
      await brief("web", "deny-paths", { path: "/exact" }),
      await brief("web", "deny-paths", { path: "/exact/below" }),
      await brief("web", "deny-paths", { path: "/prefixed?q" }),
      await brief("other/shop", "deny-paths", { path: "/prefix" }),
    ],
    expect: [DENIED, "200 back-a", DENIED, DENIED],
  },
  {
    name: "a port is denied",
    covers: [`${AT}.rules[].to[].ports[]`],
    ask: async ({ brief }) => [
      await brief("web", "deny-ports", { port: 8080 }),
      await brief("web", "deny-ports", { port: 80 }),
    ],
    expect: [DENIED, "200 back-a"],
  },
  {
    name: "a namespace is let in, others are not",
    covers: [`${AT}.rules[].from[].namespaces[]`],
    ask: async ({ brief }) => [
      await brief("other/shop", "allow-namespace"),
      await brief("other/shop", "allow-namespace", { method: "POST" }),
      await brief("web", "allow-namespace"),
    ],
    expect: ["200 back-a", DENIED, DENIED],
  },
  {
    name: "a workload is let in, others are not",
    covers: [`${AT}.rules[].from[].workloads[]`],
    ask: async ({ brief }) => [await brief("web", "allow-workload"), await brief("back-b", "allow-workload")],
    expect: ["200 back-a", DENIED],
  },
  {
    name: "labels are let in, others are not",
    covers: [`${AT}.rules[].from[].labels.*`],
    ask: async ({ brief }) => [await brief("web", "allow-label"), await brief("back-b", "allow-label")],
    expect: ["200 back-a", DENIED],
  },
  {
    name: "TCP is denied at the first byte",
    covers: [`${AT}.action`],
    ask: async ({ tcp }) => [
      await tcp("web", "deny-lines", 80, "hello\n"),
      await tcp("other/shop", "deny-lines", 80, "hello\n"),
    ],
    expect: ["back-a: hello", "closed"],
  },
  {
    name: "who does not see a service that does not let everybody in, does not get through to it either",
    covers: [`${AT}.rules[].from[].labels.*`],
    ask: async ({ http }) => {
      const { status, error } = await http("guarded/vault", "allow-label", { timeoutMs: 3000 });
      return status ?? (error === "timeout" ? error : "refused");
    },
    expect: "refused",
  },
];
