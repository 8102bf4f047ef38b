import { toJson } from "@bufbuild/protobuf";
import { RouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/route";
import { RouteSchema } from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeMessage } from "../encode/index.js";
import { type RouteSpec, route } from "./route.js";
import { type RoutesSpec, routes } from "./routes.js";
import { virtualHost } from "./virtual-host.js";

function json(spec: RoutesSpec) {
  return toJson(RouteConfigurationSchema, routes("main", spec));
}

function routeJson(spec: RouteSpec) {
  return toJson(RouteSchema, route(spec));
}

describe("routes", () => {
  test("makes a virtual host for all hosts of a map, longer prefixes first", () => {
    expect(json({ "/": "web", "/api/v1": "v1", "/api": { cluster: "api", timeoutMs: 3000 } })).toEqual({
      name: "main",
      virtualHosts: [
        {
          name: "main",
          domains: ["*"],
          routes: [
            { match: { prefix: "/api/v1" }, route: { cluster: "v1" } },
            { match: { prefix: "/api" }, route: { cluster: "api", timeout: "3s" } },
            { match: { prefix: "/" }, route: { cluster: "web" } },
          ],
        },
      ],
    });
  });

  test("no prefix of a map hides another, and the order of writing does not matter", () => {
    const prefixes = fc.uniqueArray(fc.stringMatching(/^\/[ab/]{0,4}$/), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(prefixes, fc.nat(), (keys, rotation) => {
        const map = (list: string[]) => Object.fromEntries(list.map((prefix) => [prefix, "c"]));
        const built = routes("main", map(keys));
        const list = built.virtualHosts[0]?.routes.map(({ match }) => String(match?.pathSpecifier.value)) ?? [];
        expect([...list].sort()).toEqual([...keys].sort());
        for (const [i, prefix] of list.entries()) {
          expect(list.slice(0, i).filter((earlier) => prefix.startsWith(earlier))).toEqual([]);
        }
        const rotated = [...keys.slice(rotation % keys.length), ...keys.slice(0, rotation % keys.length)];
        expect(encodeMessage(RouteConfigurationSchema, routes("main", map(rotated)))).toEqual(
          encodeMessage(RouteConfigurationSchema, built),
        );
      }),
    );
  });

  test("keeps the order of a list of routes, given in short or as messages", () => {
    const match = (spec: RoutesSpec) => json(spec);
    expect(match([{ path: "/", cluster: "a" }, route({ cluster: "b" })])).toMatchObject({
      virtualHosts: [
        {
          domains: ["*"],
          routes: [
            { match: { path: "/" }, route: { cluster: "a" } },
            { match: { prefix: "/" }, route: { cluster: "b" } },
          ],
        },
      ],
    });
  });

  test("takes virtual hosts, given in short or as messages", () => {
    const hosts = [
      { domains: ["example.com", "*.example.com"], routes: { "/": "web" }, requireTls: true, retry: { on: "5xx" } },
      virtualHost({ name: "rest", routes: [] }),
    ];
    expect(json(hosts)).toEqual({
      name: "main",
      virtualHosts: [
        {
          name: "example.com",
          domains: ["example.com", "*.example.com"],
          routes: [{ match: { prefix: "/" }, route: { cluster: "web" } }],
          requireTls: "ALL",
          retryPolicy: { retryOn: "5xx" },
        },
        { name: "rest", domains: ["*"] },
      ],
    });
  });

  test("refuses a domain that two virtual hosts have, whatever its case", () => {
    const hosts = [
      { domains: ["a.example"], routes: {} },
      { domains: ["A.example"], routes: {} },
    ];
    expect(() => routes("main", hosts)).toThrow(
      expect.objectContaining({ code: "duplicate-domain", message: expect.stringContaining("A.example") }),
    );
  });

  test("says which route of which virtual host is wrong", () => {
    expect(() => routes("main", [{ routes: { "/": "a" } }, { domains: ["b"], routes: [{}] }])).toThrow(
      'routes("main")[1].routes[0]: expected one of cluster, weightedClusters, clusterHeader, redirect, directResponse',
    );
    expect(() => routes("main", { api: "a" })).toThrow(
      'routes("main").routes["api"].prefix: expected a path that begins with "/", got "api"',
    );
  });
});

describe("route", () => {
  test.each<[RouteSpec, object]>([
    [{ cluster: "a" }, { prefix: "/" }],
    [{ path: "/x", cluster: "a" }, { path: "/x" }],
    [{ regex: "/v\\d", cluster: "a" }, { safeRegex: { regex: "/v\\d" } }],
    [
      { pathSeparatedPrefix: "/x", caseSensitive: false, cluster: "a" },
      { pathSeparatedPrefix: "/x", caseSensitive: false },
    ],
    [
      { methods: "GET", cluster: "a" },
      { prefix: "/", headers: [{ name: ":method", stringMatch: { exact: "GET" } }] },
    ],
    [
      { methods: ["GET", "HEAD"], cluster: "a" },
      { prefix: "/", headers: [{ name: ":method", stringMatch: { safeRegex: { regex: "GET|HEAD" } } }] },
    ],
    [
      { headers: { b: true, a: "1", c: false, d: { prefix: "p", ignoreCase: true } }, cluster: "a" },
      {
        prefix: "/",
        headers: [
          { name: "a", stringMatch: { exact: "1" } },
          { name: "b", presentMatch: true },
          { name: "c", presentMatch: false },
          { name: "d", stringMatch: { prefix: "p", ignoreCase: true } },
        ],
      },
    ],
    [
      { query: { q: { regex: "\\d+" }, r: true }, cluster: "a" },
      {
        prefix: "/",
        queryParameters: [
          { name: "q", stringMatch: { safeRegex: { regex: "\\d+" } } },
          { name: "r", presentMatch: true },
        ],
      },
    ],
  ])("matches %j", (spec, match) => {
    expect(routeJson(spec)).toEqual({ match, route: { cluster: "a" } });
  });

  test.each<[RouteSpec, object]>([
    [{ clusterHeader: "x-c" }, { route: { clusterHeader: "x-c" } }],
    [
      { weightedClusters: { b: 1, a: 0 } },
      {
        route: {
          weightedClusters: {
            clusters: [
              { name: "a", weight: 0 },
              { name: "b", weight: 1 },
            ],
          },
        },
      },
    ],
    [
      { cluster: "a", timeoutMs: 0, idleTimeoutMs: 1 },
      { route: { cluster: "a", timeout: "0s", idleTimeout: "0.001s" } },
    ],
    [
      { cluster: "a", prefixRewrite: "/n", hostRewrite: "h" },
      { route: { cluster: "a", prefixRewrite: "/n", hostRewriteLiteral: "h" } },
    ],
    [
      { cluster: "a", regexRewrite: { pattern: "a(.)", substitution: "\\1" }, autoHostRewrite: true },
      {
        route: {
          cluster: "a",
          regexRewrite: { pattern: { regex: "a(.)" }, substitution: "\\1" },
          autoHostRewrite: true,
        },
      },
    ],
    [
      {
        cluster: "a",
        retry: { on: "5xx, reset", count: 2, perTryTimeoutMs: 100, backoff: { maxMs: 90 }, statusCodes: [429] },
      },
      {
        route: {
          cluster: "a",
          retryPolicy: {
            retryOn: "5xx,reset,retriable-status-codes",
            numRetries: 2,
            perTryTimeout: "0.100s",
            retryBackOff: { baseInterval: "0.025s", maxInterval: "0.090s" },
            retriableStatusCodes: [429],
          },
        },
      },
    ],
    [
      { redirect: { https: true, host: "h", status: 308 } },
      { redirect: { httpsRedirect: true, hostRedirect: "h", responseCode: "PERMANENT_REDIRECT" } },
    ],
    [{ redirect: { prefixRewrite: "/n", stripQuery: true } }, { redirect: { prefixRewrite: "/n", stripQuery: true } }],
    [
      { directResponse: { status: 404, body: "no" } },
      { directResponse: { status: 404, body: { inlineString: "no" } } },
    ],
  ])("does %j", (spec, action) => {
    expect(routeJson(spec)).toEqual({ match: { prefix: "/" }, ...action });
  });

  test("changes headers in an order that depends on their names alone", () => {
    const requestHeaders = { set: { b: "2", a: "1" }, add: { c: ["3", "4"] }, addIfAbsent: { d: "5" }, remove: ["e"] };
    const append = (key: string, value: string, appendAction?: string) => ({
      header: { key, value },
      ...(appendAction === undefined ? {} : { appendAction }),
    });
    expect(routeJson({ cluster: "a", requestHeaders, responseHeaders: { remove: ["x"] }, name: "n" })).toEqual({
      name: "n",
      match: { prefix: "/" },
      route: { cluster: "a" },
      requestHeadersToAdd: [
        append("a", "1", "OVERWRITE_IF_EXISTS_OR_ADD"),
        append("b", "2", "OVERWRITE_IF_EXISTS_OR_ADD"),
        append("c", "3"),
        append("c", "4"),
        append("d", "5", "ADD_IF_ABSENT"),
      ],
      requestHeadersToRemove: ["e"],
      responseHeadersToRemove: ["x"],
    });
  });

  test.each<[string, RouteSpec, string]>([
    ["two actions", { cluster: "a", clusterHeader: "b" }, "conflicting-options"],
    ["two paths", { path: "/a", prefix: "/", cluster: "a" }, "conflicting-options"],
    ["a timeout for a redirect", { redirect: {}, timeoutMs: 1 }, "conflicting-options"],
    [
      "two rewrites",
      { cluster: "a", prefixRewrite: "/", regexRewrite: { pattern: "a", substitution: "b" } },
      "conflicting-options",
    ],
    ["two host rewrites", { cluster: "a", hostRewrite: "a", autoHostRewrite: true }, "conflicting-options"],
    [
      "two ways to match a header",
      { headers: { a: { exact: "a", prefix: "b" } }, cluster: "a" },
      "conflicting-options",
    ],
    ["a relative path", { path: "a", cluster: "a" }, "invalid-path"],
    ["a separated prefix with a slash at the end", { pathSeparatedPrefix: "/a/", cluster: "a" }, "invalid-path"],
    ["a method in small letters", { methods: ["GET", "get"], cluster: "a" }, "invalid-match"],
    ["no method at all", { methods: [], cluster: "a" }, "invalid-match"],
    ["a status that is none", { directResponse: { status: 99 } }, "invalid-status"],
    ["retries without a condition", { cluster: "a", retry: { on: [] } }, "missing-option"],
    ["an empty condition", { cluster: "a", retry: { on: "5xx," } }, "missing-option"],
  ])("refuses %s", (_, spec, code) => {
    expect(() => route(spec)).toThrow(expect.objectContaining({ name: "BuilderError", code }));
  });
});
