import { create } from "@bufbuild/protobuf";
import {
  dnsCluster,
  downstreamTls,
  edsCluster,
  endpoints,
  httpListener,
  type RoutesSpec,
  route,
  routes,
  staticCluster,
  tcpListener,
  tlsCertificate,
  typedConfig,
  upstreamTls,
  validationContext,
  virtualHost,
} from "@rxds/core";
import { BootstrapSchema } from "@rxds/envoy-api/envoy/config/bootstrap/v3/bootstrap";
import type { Cluster } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import type { Listener } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import { CorsSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/cors/v3/cors";
import { describe, expect, test } from "vitest";
import { selfSigned } from "./certificates.js";
import { type Verdict, validateBootstrap } from "./validate-bootstrap.js";

const { cert, key } = await selfSigned();

function validate(resources: { clusters?: Cluster[]; listeners?: Listener[] }): Promise<Verdict> {
  const secrets = [tlsCertificate("server-cert", { cert, key }), validationContext("ca", { ca: cert })];
  return validateBootstrap(
    create(BootstrapSchema, { node: { id: "a", cluster: "b" }, staticResources: { ...resources, secrets } }),
  );
}

async function expectValid(resources: Parameters<typeof validate>[0]): Promise<void> {
  // A deprecated field or a field that does nothing shows as a warning.
  expect(await validate(resources)).toEqual({ code: 0, log: "" });
}

/** Clusters of these names, so that inline routes to them are good. */
function clustersNamed(...names: string[]): Cluster[] {
  return names.map((name) => staticCluster({ name, endpoints: ["127.0.0.1:9001"] }));
}

describe("the real Envoy takes what the builders return", () => {
  test("clusters with endpoints over ADS, with every option", async () => {
    await expectValid({
      clusters: [
        edsCluster({ name: "plain" }),
        edsCluster({
          name: "rich",
          serviceName: "rich.default",
          connectTimeoutMs: 250.5,
          lbPolicy: "LEAST_REQUEST",
          http2: true,
          outlierDetection: { consecutive5xx: 3, maxEjectionPercent: 50 },
          circuitBreakers: { maxConnections: 10, maxRequests: 20 },
          healthCheck: { grpc: { serviceName: "x" }, intervalMs: 1000 },
          tls: { validation: "ca", certificate: "client-cert", sni: "rich.example.com", alpn: ["h2"] },
        }),
        edsCluster({ name: "http", healthCheck: { http: { path: "/ready", host: "a" } } }),
        edsCluster({ name: "tcp", healthCheck: { tcp: true, unhealthyThreshold: 1 } }),
        edsCluster({
          name: "names",
          tls: { validation: "ca", subjectAltNames: ["spiffe://example.org/a", "10.0.0.1"] },
        }),
        edsCluster({ name: "ring", lbPolicy: "RING_HASH", tls: { validation: false } }),
      ],
    });
  });

  test("static clusters, with TLS from certificates and files' content", async () => {
    const assignment = endpoints("reused", ["127.0.0.1:9001"]);
    const withAssignment = staticCluster({ name: "reused", endpoints: [] });
    withAssignment.loadAssignment = assignment;
    await expectValid({
      clusters: [
        withAssignment,
        staticCluster({
          name: "groups",
          lbPolicy: "MAGLEV",
          endpoints: [
            "[::1]:9001",
            "unix:/run/app.sock",
            {
              address: "10.0.0.1:80",
              weight: 3,
              health: "DRAINING",
              hostname: "a",
              metadata: { "envoy.lb": { v: "1" } },
            },
            { locality: { region: "r", zone: "z", subZone: "s" }, weight: 2, endpoints: ["10.0.0.2:80"] },
            { priority: 1, endpoints: [{ address: "10.0.0.3:80", weight: 1 }] },
          ],
          tls: upstreamTls({ validation: { ca: cert, subjectAltNames: ["localhost"] }, certificate: { cert, key } }),
        }),
        staticCluster({
          name: "sni",
          endpoints: [{ address: "10.0.0.1:443", hostname: "localhost" }],
          tls: { validation: { ca: Buffer.from(cert) }, autoHostSni: true },
        }),
      ],
    });
  });

  test("clusters that look up names", async () => {
    await expectValid({
      clusters: [
        dnsCluster({ name: "strict", host: "localhost", port: 80 }),
        dnsCluster({
          name: "logical",
          host: "localhost",
          port: 443,
          type: "LOGICAL_DNS",
          tls: { validation: { ca: cert } },
        }),
        dnsCluster({ name: "family", host: "localhost", port: 80, lookupFamily: "V4_ONLY", refreshMs: 1000 }),
        dnsCluster({ name: "both", host: "localhost", port: 80, lookupFamily: "ALL", type: "LOGICAL_DNS" }),
        dnsCluster({ name: "ip", host: "::1", port: 80 }),
      ],
    });
  });

  test("HTTP listeners with routes over ADS", async () => {
    const cors = { name: "envoy.filters.http.cors", typedConfig: typedConfig(CorsSchema, {}) };
    await expectValid({
      listeners: [
        httpListener({ name: "plain", port: 0, routeConfig: "main" }),
        httpListener({
          name: "rich",
          port: 10_000,
          address: "::1",
          routeConfig: "main",
          statPrefix: "in",
          httpFilters: [cors],
          upgrades: ["websocket"],
          accessLog: ["stdout", "stderr", { path: "/dev/null" }, { path: "/dev/null", format: "%PROTOCOL%" }],
          tls: { certificate: "server-cert", validation: "ca", subjectAltNames: ["spiffe://example.org/a"] },
          customize: (manager) => {
            manager.useRemoteAddress = true;
          },
        }),
        httpListener({
          name: "inline",
          port: 10_001,
          routeConfig: "main",
          accessLog: { path: "/dev/null", format: { code: "%RESPONSE_CODE%" } },
          tls: downstreamTls({ certificate: { cert, key }, validation: { ca: cert, subjectAltNames: ["localhost"] } }),
        }),
      ],
    });
  });

  test("TCP listeners", async () => {
    await expectValid({
      clusters: clustersNamed("a", "b"),
      listeners: [
        tcpListener({ name: "one", port: 10_000, cluster: "a", idleTimeoutMs: 60_000, accessLog: "stdout" }),
        tcpListener({
          name: "two",
          port: 10_001,
          weightedClusters: { a: 9, b: 1, gone: 0 },
          tls: { certificate: { cert, key } },
        }),
      ],
    });
  });

  const everyMatch = [
    route({ path: "/exact", methods: "GET", headers: { "x-a": "1", "x-b": true, "x-c": false }, cluster: "a" }),
    route({
      regex: "/v\\d+/.*",
      methods: ["GET", "HEAD"],
      query: { q: "1", r: true, s: { prefix: "p" } },
      cluster: "a",
    }),
    route({ pathSeparatedPrefix: "/api", caseSensitive: false, cluster: "a" }),
    route({
      headers: {
        a: { prefix: "p", ignoreCase: true },
        b: { suffix: "s" },
        c: { contains: "c" },
        d: { regex: "r.*" },
      },
      cluster: "a",
    }),
  ];
  const everyAction: RoutesSpec = {
    "/": "a",
    "/weights": { weightedClusters: { a: 90, b: 10, c: 0 } },
    "/header": { clusterHeader: "x-cluster" },
    "/timeouts": { cluster: "a", timeoutMs: 0, idleTimeoutMs: 1500 },
    "/retry": {
      cluster: "a",
      retry: {
        on: ["5xx", "reset"],
        count: 3,
        perTryTimeoutMs: 100,
        backoff: { baseMs: 10, maxMs: 90 },
        statusCodes: [429],
      },
    },
    "/rewrite": { cluster: "a", prefixRewrite: "/new", hostRewrite: "example.com" },
    "/regex": { cluster: "a", regexRewrite: { pattern: "^/regex/(.*)$", substitution: "/\\1" }, autoHostRewrite: true },
    "/away": { redirect: { https: true, host: "example.com", port: 8443, path: "/x", status: 308, stripQuery: true } },
    "/moved": { redirect: { prefixRewrite: "/there" } },
    "/gone": { directResponse: { status: 404, body: "nothing here\n" } },
    "/empty": { directResponse: { status: 200 } },
  };

  test("routes of every form of match", async () => {
    const listener = httpListener({ name: "in", port: 0, routes: routes("matches", everyMatch) });
    await expectValid({ clusters: clustersNamed("a"), listeners: [listener] });
  });

  test("routes with every action", async () => {
    const listener = httpListener({ name: "in", port: 0, routes: everyAction });
    await expectValid({ clusters: clustersNamed("a", "b", "c"), listeners: [listener] });
  });

  test("virtual hosts", async () => {
    const headers = {
      set: { "x-set": "%%literal" },
      add: { "x-add": ["1", "2"] },
      addIfAbsent: { via: "me" },
      remove: ["x-gone"],
    };
    const hosts = [
      { domains: ["example.com", "*.example.com"], routes: everyAction, requireTls: true, retry: { on: "5xx" } },
      virtualHost({ name: "rest", routes: everyMatch, requestHeaders: headers, responseHeaders: headers }),
    ];
    const listener = httpListener({ name: "in", port: 0, routes: hosts });
    await expectValid({ clusters: clustersNamed("a", "b", "c"), listeners: [listener] });
  });
});

test("the validation sees a route to a cluster that does not exist", async () => {
  const listener = httpListener({ name: "in", port: 0, routes: { "/": "missing" } });
  const verdict = await validate({ listeners: [listener] });
  expect(verdict.code).toBe(1);
  expect(verdict.log).toContain("unknown cluster 'missing'");
});
