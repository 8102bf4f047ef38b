import {
  httpListener,
  type RouteSpec,
  route,
  routes,
  staticCluster,
  tcpListener,
  type UpstreamTlsOptions,
  virtualHost,
} from "@rxds/core";
import { type Envoy, type HttpGetOptions, httpGet, startEnvoy, upstream } from "@rxds/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { selfSigned } from "./certificates.js";
import { startTlsServer } from "./tls-server.js";

/** A route that answers with its name. */
function named(body: string, match: RouteSpec) {
  return route({ ...match, directResponse: { status: 200, body } });
}

const direct = (body: string) => ({ directResponse: { status: 200, body } });

const table = routes("table", [
  {
    domains: ["map.example"],
    routes: {
      "/": direct("root"),
      "/api": direct("api"),
      "/api/v1": direct("v1"),
      "/gone": { redirect: { path: "/new?a=b", status: 302 } },
    },
  },
  virtualHost({
    domains: ["*"],
    routes: [
      named("regex", { regex: "/v\\d+/x" }),
      named("exact", { path: "/exact" }),
      named("below", { pathSeparatedPrefix: "/below", caseSensitive: false }),
      named("get or head", { prefix: "/methods", methods: ["GET", "HEAD"] }),
      named("put", { prefix: "/methods", methods: "PUT" }),
      named("present", { prefix: "/headers", headers: { a: true, b: { prefix: "p", ignoreCase: true }, c: false } }),
      named("query", { prefix: "/query", query: { q: { regex: "\\d+" }, r: true } }),
      named("rest", {}),
    ],
    responseHeaders: { set: { "x-set": "100%%" }, add: { "x-add": ["1", "2"] } },
  }),
]);

describe("routing by a real Envoy", () => {
  let envoy: Envoy;
  let base: string;
  beforeAll(async () => {
    envoy = await startEnvoy({
      staticResources: { listeners: [httpListener({ name: "in", port: 0, routes: table })] },
    });
    base = `http://${await envoy.listenerAddress("in")}`;
  });
  afterAll(() => envoy?.stop());

  test.each<[string, HttpGetOptions, string]>([
    ["/", { headers: { host: "map.example" } }, "root"],
    ["/apiary", { headers: { host: "map.example" } }, "api"],
    ["/api/v1/x", { headers: { host: "map.example" } }, "v1"],
    ["/v12/x", {}, "regex"],
    ["/v12/xy", {}, "rest"],
    ["/exact?a=b", {}, "exact"],
    ["/exact/", {}, "rest"],
    ["/BELOW/it", {}, "below"],
    ["/belowit", {}, "rest"],
    ["/methods", {}, "get or head"],
    ["/methods", { method: "PUT" }, "put"],
    ["/methods", { method: "POST" }, "rest"],
    ["/headers", { headers: { a: "x", b: "Px" } }, "present"],
    ["/headers", { headers: { a: "x", b: "Px", c: "" } }, "rest"],
    ["/headers", { headers: { b: "p" } }, "rest"],
    ["/query?r=&q=12", {}, "query"],
    ["/query?q=12", {}, "rest"],
    ["/query?r=1&q=a", {}, "rest"],
  ])("%s with %j is answered by %j", async (path, options, body) => {
    expect(await httpGet(base + path, options)).toMatchObject({ status: 200, body });
  });

  test("a redirect sends the client on, and headers are set and added", async () => {
    const moved = await httpGet(`${base}/gone`, { headers: { host: "map.example" } });
    expect(moved).toMatchObject({ status: 302, headers: { location: "http://map.example/new?a=b" } });
    expect((await httpGet(base)).headers).toMatchObject({ "x-set": "100%", "x-add": "1, 2" });
  });
});

test("a TCP listener passes connections on", async () => {
  await using echo = await upstream({ name: "echo" });
  await using envoy = await startEnvoy({
    staticResources: {
      clusters: [staticCluster({ name: "echo", endpoints: [echo.address] })],
      listeners: [tcpListener({ name: "tcp", port: 0, cluster: "echo" })],
    },
  });
  expect(await httpGet(`http://${await envoy.listenerAddress("tcp")}`)).toMatchObject({ status: 200, body: "echo" });
});

describe("TLS towards endpoints, whose certificate is for localhost", async () => {
  const own = await selfSigned();
  const other = await selfSigned();

  /** What a client gets through an Envoy that speaks TLS so. */
  async function statusWith(tls: UpstreamTlsOptions): Promise<number> {
    await using server = await startTlsServer(own);
    await using envoy = await startEnvoy({
      staticResources: {
        clusters: [
          staticCluster({ name: "tls", endpoints: [{ address: server.address, hostname: "localhost" }], tls }),
        ],
        listeners: [httpListener({ name: "in", port: 0, routes: { "/": "tls" } })],
      },
    });
    return (await httpGet(`http://${await envoy.listenerAddress("in")}`)).status;
  }

  test.each<[string, number, UpstreamTlsOptions]>([
    ["its authority and its name", 200, { validation: { ca: own.cert }, sni: "localhost" }],
    ["its authority and its name from the endpoint", 200, { validation: { ca: own.cert }, autoHostSni: true }],
    [
      "its authority and a name that is listed",
      200,
      { validation: { ca: own.cert }, sni: "x", subjectAltNames: ["localhost"] },
    ],
    ["its authority alone", 200, { validation: { ca: own.cert } }],
    ["no check at all", 200, { validation: false }],
    ["another server name", 503, { validation: { ca: own.cert }, sni: "example.com" }],
    ["another listed name", 503, { validation: { ca: own.cert, subjectAltNames: ["example.com"] }, sni: "localhost" }],
    ["another authority", 503, { validation: { ca: other.cert }, sni: "localhost" }],
  ])("with %s is answered %i", async (_, status, tls) => {
    expect(await statusWith(tls)).toBe(status);
  });
});
