import { create, toJson } from "@bufbuild/protobuf";
import { type Listener, ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import { CorsSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/cors/v3/cors";
import { RouterSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/router/v3/router";
import { envoyRegistry } from "@rxds/envoy-api/registry";
import { describe, expect, test } from "vitest";
import { typedConfig } from "../encode/index.js";
import { httpListener } from "./http-listener.js";
import { routes } from "./routes.js";
import { tcpListener } from "./tcp-listener.js";

function json(listener: Listener) {
  return toJson(ListenerSchema, listener, { registry: envoyRegistry() });
}

/** The listener's JSON with one filter chain of one filter. */
function withFilter(config: object) {
  return { filterChains: [{ filters: [{ typedConfig: config }] }] };
}

const router = {
  name: "envoy.filters.http.router",
  typedConfig: { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" },
};

describe("httpListener", () => {
  test("takes routes over ADS and listens on loopback", () => {
    expect(json(httpListener({ name: "ingress", port: 10_000, routeConfig: "main" }))).toEqual({
      name: "ingress",
      address: { socketAddress: { address: "127.0.0.1", portValue: 10_000 } },
      filterChains: [
        {
          filters: [
            {
              name: "envoy.filters.network.http_connection_manager",
              typedConfig: {
                "@type":
                  "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                statPrefix: "ingress",
                rds: { configSource: { ads: {}, resourceApiVersion: "V3" }, routeConfigName: "main" },
                httpFilters: [router],
              },
            },
          ],
        },
      ],
    });
  });

  test("takes routes inline, as a specification or as a message", () => {
    const inline = withFilter({ routeConfig: { name: "in", virtualHosts: [{ domains: ["*"] }] } });
    expect(json(httpListener({ name: "in", port: 1, routes: { "/": "echo" } }))).toMatchObject(inline);
    expect(json(httpListener({ name: "x", port: 1, routes: routes("in", { "/": "echo" }) }))).toMatchObject(inline);
  });

  test("puts the router last, once", () => {
    const cors = { name: "envoy.filters.http.cors", typedConfig: typedConfig(CorsSchema, {}) };
    const mine = { name: "mine", typedConfig: typedConfig(RouterSchema, { suppressEnvoyHeaders: true }) };
    expect(json(httpListener({ name: "in", port: 1, routeConfig: "r", httpFilters: [cors] }))).toMatchObject(
      withFilter({ httpFilters: [{ name: cors.name }, router] }),
    );
    expect(json(httpListener({ name: "in", port: 1, routeConfig: "r", httpFilters: [cors, mine] }))).toMatchObject(
      withFilter({ httpFilters: [{ name: cors.name }, { name: "mine" }] }),
    );
  });

  test("offers HTTP/2 and HTTP/1.1 over TLS unless told otherwise", () => {
    const alpn = (list: string[]) => ({
      filterChains: [{ transportSocket: { typedConfig: { commonTlsContext: { alpnProtocols: list } } } }],
    });
    const base = { name: "in", port: 1, routeConfig: "r" };
    expect(json(httpListener({ ...base, tls: { certificate: "c" } }))).toMatchObject(alpn(["h2", "http/1.1"]));
    expect(json(httpListener({ ...base, tls: { certificate: "c", alpn: ["h2"] } }))).toMatchObject(alpn(["h2"]));
  });

  test("writes access logs, ends a line once, and lets the manager be changed", () => {
    const listener = httpListener({
      name: "in",
      port: 1,
      routeConfig: "r",
      accessLog: ["stdout", { path: "/log", format: "%PROTOCOL%\n" }, { path: "/log", format: { a: "%PROTOCOL%" } }],
      upgrades: ["websocket"],
      customize: (manager) => {
        manager.useRemoteAddress = true;
      },
    });
    expect(json(listener)).toMatchObject(
      withFilter({
        useRemoteAddress: true,
        upgradeConfigs: [{ upgradeType: "websocket" }],
        accessLog: [
          { name: "envoy.access_loggers.stdout" },
          { typedConfig: { path: "/log", logFormat: { textFormatSource: { inlineString: "%PROTOCOL%\n" } } } },
          { typedConfig: { path: "/log", logFormat: { jsonFormat: { a: "%PROTOCOL%" } } } },
        ],
      }),
    );
  });

  test("wants exactly one source of routes", () => {
    const base = { name: "in", port: 1 };
    expect(() => httpListener(base)).toThrow(expect.objectContaining({ code: "missing-option" }));
    expect(() => httpListener({ ...base, routeConfig: "a", routes: {} })).toThrow(
      'httpListener("in"): expected only one of routeConfig, routes, got "routeConfig and routes"',
    );
  });

  test("refuses an address that is none and a port out of range", () => {
    const base = { name: "in", port: 1, routeConfig: "r" };
    expect(() => httpListener({ ...base, address: "localhost" })).toThrow(
      expect.objectContaining({ code: "invalid-address", path: 'httpListener("in").address' }),
    );
    expect(() => httpListener({ ...base, port: 70_000 })).toThrow(expect.objectContaining({ code: "invalid-port" }));
  });
});

describe("tcpListener", () => {
  test("passes connections to a cluster", () => {
    const listener = tcpListener({ name: "db", address: "::", port: 5432, cluster: "postgres", idleTimeoutMs: 0 });
    expect(json(listener)).toMatchObject({
      name: "db",
      address: { socketAddress: { address: "::", portValue: 5432 } },
      ...withFilter({ statPrefix: "db", cluster: "postgres", idleTimeout: "0s" }),
    });
  });

  test("shares connections by weight, in the order of names and without weight 0", () => {
    const weightedClusters = { b: 10, a: 90, gone: 0 };
    const clusters = [
      { name: "a", weight: 90 },
      { name: "b", weight: 10 },
    ];
    expect(json(tcpListener({ name: "db", port: 1, weightedClusters }))).toMatchObject(
      withFilter({ weightedClusters: { clusters } }),
    );
  });

  test.each([{ a: 0 }, {}, { a: 0.5 }, { a: -1, b: 2 }, { a: 4_294_967_295, b: 1 }])(
    "refuses the weights %j",
    (weightedClusters) => {
      expect(() => tcpListener({ name: "db", port: 1, weightedClusters })).toThrow(
        expect.objectContaining({ code: "invalid-weight" }),
      );
    },
  );
});

test("a listener is an ordinary message that can be changed", () => {
  const listener = tcpListener({ name: "db", port: 1, cluster: "a" });
  listener.perConnectionBufferLimitBytes = 1024;
  expect(json(create(ListenerSchema, listener))).toMatchObject({ perConnectionBufferLimitBytes: 1024 });
});
