import type { HttpRequest } from "@rxds/testkit";
import type { Asker, Row } from "./row.js";

const AT = "Route.rules[].matches[]";

/** The rule that took a request; `-`: none. */
async function rule({ http }: Asker, service: string, request: Omit<HttpRequest, "url"> = {}, from = "web") {
  const { status, headers, error } = await http(from, service, request);
  return error ?? (status === 200 ? (headers?.["x-rule"] ?? "-") : status);
}

/** Asks once for each request; the answers in their order. */
const rules =
  (service: string, ...requests: readonly Omit<HttpRequest, "url">[]) =>
  async (asker: Asker) => {
    const found: unknown[] = [];
    for (const request of requests) found.push(await rule(asker, service, request));
    return found;
  };

/** Which requests rules take. */
export const matching: readonly Row[] = [
  {
    name: "exact paths",
    covers: [`${AT}.path.exact`, "Route.service"],
    ask: rules("match", { path: "/exact" }, { path: "/exact/below" }),
    expect: ["exact", "-"],
  },
  {
    name: "path prefixes are whole segments",
    covers: [`${AT}.path.prefix`],
    ask: rules("match", { path: "/prefix" }, { path: "/prefix/below?q=1" }, { path: "/prefixed" }),
    expect: ["prefix", "prefix", "-"],
  },
  {
    name: "regular expressions match the whole path",
    covers: [`${AT}.path.regex`],
    ask: rules("match", { path: "/re12" }, { path: "/re12/x" }),
    expect: ["regex", "-"],
  },
  {
    name: "headers",
    covers: [`${AT}.headers.*`, `${AT}.headers.*.prefix`, `${AT}.headers.*.regex`, `${AT}.headers.*.present`],
    ask: rules(
      "match",
      { headers: { "x-exact": "yes" } },
      { headers: { "x-exact": "no" } },
      { headers: { "x-text": "prelude" } },
      { headers: { "x-text": "aaab" } },
      { headers: { "x-text": "aaabc" } },
      { headers: { "x-here": "1" } },
      { headers: { "x-here": "1", "x-away": "1" } },
    ),
    expect: ["header", "-", "header prefix", "header regex", "-", "header present", "-"],
  },
  {
    name: "methods",
    covers: [`${AT}.methods[]`],
    ask: rules("match", { method: "PUT" }, { method: "PATCH" }, { method: "POST" }),
    expect: ["method", "method", "-"],
  },
  {
    name: "query parameters",
    covers: [`${AT}.query.*`, `${AT}.query.*.prefix`, `${AT}.query.*.regex`, `${AT}.query.*.present`],
    ask: rules(
      "match",
      { path: "/?q=yes" },
      { path: "/?q=no" },
      { path: "/?text=prelude" },
      { path: "/?text=aab" },
      { path: "/?here" },
    ),
    expect: ["query", "-", "query text", "query text", "query present"],
  },
  {
    name: "hosts, whatever port is written behind them",
    covers: ["Route.hosts[]"],
    ask: rules(
      "hosts",
      { host: "a.example.com" },
      { host: "A.example.com:80" },
      { host: "x.wild.example.com" },
      { host: "b.example.com" },
    ),
    expect: ["host", "host", "host", "-"],
  },
  {
    name: "ports",
    covers: ["Route.ports[]"],
    ask: rules("ports", { port: 8080 }, { port: 80 }),
    expect: ["port", "-"],
  },
  {
    name: "the caller's namespace",
    covers: ["Route.from[].namespaces[]"],
    ask: async (asker) => [await rule(asker, "from-namespace", {}, "other/shop"), await rule(asker, "from-namespace")],
    expect: ["namespace", "-"],
  },
  {
    name: "the calling workload",
    covers: ["Route.from[].workloads[]"],
    ask: async (asker) => [await rule(asker, "from-workload", {}, "other/shop"), await rule(asker, "from-workload")],
    expect: ["workload", "-"],
  },
  {
    name: "the caller's labels",
    covers: ["Route.from[].labels.*"],
    ask: async (asker) => [await rule(asker, "from-label", {}, "other/shop"), await rule(asker, "from-label")],
    expect: ["label", "-"],
  },
];
