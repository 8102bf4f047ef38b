import { create, fromBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { AddressSchema, SocketAddress_Protocol } from "@rxds/envoy-api/envoy/config/core/v3/address";
import { TypedExtensionConfigSchema } from "@rxds/envoy-api/envoy/config/core/v3/extension";
import { HealthCheckSchema } from "@rxds/envoy-api/envoy/config/core/v3/health_check";
import {
  RetryPolicySchema,
  RouteAction_RequestMirrorPolicySchema,
} from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { ExtAuthzSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/ext_authz/v3/ext_authz";
import { HTTPFaultSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/fault/v3/fault";
import { RedisProxySchema } from "@rxds/envoy-api/envoy/extensions/filters/network/redis_proxy/v3/redis_proxy";
import { describe, expect, test } from "vitest";
import {
  edsCluster,
  endpoints,
  httpListener,
  route,
  routes,
  staticCluster,
  tcpListener,
  virtualHost,
} from "../builders/index.js";
import { typedConfig } from "../encode/index.js";
import { createOpaqueResource, createResource } from "../resource/create-resource.js";

const traitsOf = (message: Parameters<typeof createResource>[0]) => createResource(message).traits;

describe("readiness", () => {
  test("of a cluster without health checks whose endpoints come over xDS is told by these", () => {
    expect(traitsOf(edsCluster({ name: "a" }))).toEqual({ readiness: "eds" });
  });

  test("of every other cluster is told by its acknowledgement", () => {
    const checked = edsCluster({ name: "a" });
    checked.healthChecks = [create(HealthCheckSchema)];
    expect(traitsOf(checked)).toEqual({ readiness: "acked" });
    expect(traitsOf(staticCluster({ name: "a", endpoints: ["127.0.0.1:80"] }))).toEqual({ readiness: "acked" });
  });

  test("is the same for a resource that was made from bytes", () => {
    const { value, typeUrl } = fromBinary(AnySchema, createResource(edsCluster({ name: "a" })).body);
    expect(createOpaqueResource({ typeUrl, value }, "a").traits).toEqual({ readiness: "eds" });
  });
});

describe("the addresses of a listener", () => {
  test("are told with their port and protocol", () => {
    const listener = httpListener({ name: "l", port: 80, address: "0.0.0.0", routeConfig: "r" });
    const value = {
      address: "::1",
      protocol: SocketAddress_Protocol.UDP,
      portSpecifier: { case: "portValue" as const, value: 53 },
    };
    const more = create(AddressSchema, { address: { case: "socketAddress", value } });
    const pipe = create(AddressSchema, { address: { case: "pipe", value: { path: "/run/proxy" } } });
    listener.additionalAddresses = [more, pipe].map((address) => ({
      $typeName: "envoy.config.listener.v3.AdditionalAddress",
      address,
    }));
    expect(traitsOf(listener)?.addresses).toEqual(["0.0.0.0:80/tcp", "[::1]:53/udp", "unix:/run/proxy"]);
  });

  test("leave out a port that the system chooses", () => {
    const listener = tcpListener({ name: "l", port: 0, cluster: "c" });
    expect(traitsOf(listener)).toBeUndefined();
    listener.bindToPort = false;
    expect(traitsOf(listener)?.addresses).toEqual(["127.0.0.1:0/tcp"]);
  });
});

describe("what may lead to clusters that are not named", () => {
  const listener = (...httpFilters: NonNullable<Parameters<typeof httpListener>[0]["httpFilters"]>) =>
    httpListener({ name: "l", port: 0, routeConfig: "r", accessLog: "stdout", httpFilters });

  test("is no filter that is known to lead nowhere", () => {
    expect(traitsOf(listener({ name: "fault", typedConfig: typedConfig(HTTPFaultSchema, {}) }))).toBeUndefined();
  });

  test("is any other filter of a listener", () => {
    expect(traitsOf(listener({ name: "authz", typedConfig: typedConfig(ExtAuthzSchema, {}) }))).toEqual({
      opaque: true,
    });
    const redis = tcpListener({ name: "l", port: 0, cluster: "c" });
    const filter = redis.filterChains[0]!.filters[0]!;
    filter.configType = { case: "typedConfig", value: typedConfig(RedisProxySchema, {}) };
    expect(traitsOf(redis)).toEqual({ opaque: true });
  });

  test("is a route that takes its cluster from a header, and a filter's configuration in a route", () => {
    const plain = route({ prefix: "/", cluster: "c" });
    const byHeader = route({ prefix: "/", cluster: "c" });
    if (byHeader.action.case === "route")
      byHeader.action.value.clusterSpecifier = { case: "clusterHeader", value: "x" };
    const filtered = route({ prefix: "/", cluster: "c" });
    filtered.typedPerFilterConfig = { authz: typedConfig(ExtAuthzSchema, {}) };
    const config = (of: typeof plain) => routes("r", [{ domains: ["*"], routes: [of] }]);
    expect(traitsOf(config(plain))).toBeUndefined();
    expect(traitsOf(config(byHeader))).toEqual({ opaque: true });
    expect(traitsOf(config(filtered))).toEqual({ opaque: true });
    expect(traitsOf(httpListener({ name: "l", port: 0, routes: config(byHeader) }))).toEqual({ opaque: true });
  });

  test("is an extension that is sent apart, when it is not known to lead nowhere", () => {
    const extension = (config: ReturnType<typeof typedConfig>) =>
      create(TypedExtensionConfigSchema, { name: "e", typedConfig: config });
    expect(traitsOf(extension(typedConfig(HTTPFaultSchema, {})))).toBeUndefined();
    expect(traitsOf(extension(typedConfig(ExtAuthzSchema, {})))).toEqual({ opaque: true });
  });

  test("are no endpoints", () => {
    expect(traitsOf(endpoints("a", ["127.0.0.1:80"]))).toBeUndefined();
  });
});

describe("the time in which a request may come back to a cluster", () => {
  const retry = { on: "5xx" };
  const timeOf = (message: Parameters<typeof createResource>[0]) => createResource(message).references?.[0]?.retryMs;

  test("is the timeout of a route with a retry policy, by default 15 seconds", () => {
    const of = (spec: object) =>
      timeOf(routes("r", [{ domains: ["*"], routes: [{ prefix: "/", cluster: "c", ...spec }] }]));
    expect(of({})).toBeUndefined();
    expect(of({ timeoutMs: 3000 })).toBeUndefined();
    expect(of({ timeoutMs: 3000, retry })).toBe(3000);
    expect(of({ retry })).toBe(15_000);
    expect(of({ timeoutMs: 0, retry })).toBe(15_000);
  });

  test("is told for a retry policy of the virtual host too", () => {
    const host = virtualHost({ domains: ["*"], routes: { "/": "c" } });
    host.retryPolicy = create(RetryPolicySchema, { retryOn: "5xx" });
    expect(timeOf(host)).toBe(15_000);
  });
});

test("clusters that get a copy of requests are references, wherever that is said", () => {
  const mirror = (cluster: string) => create(RouteAction_RequestMirrorPolicySchema, { cluster });
  const config = routes("r", { "/": "c" });
  const [host] = config.virtualHosts;
  const action = host?.routes[0]?.action;
  config.requestMirrorPolicies = [mirror("m1")];
  if (host) host.requestMirrorPolicies = [mirror("m2")];
  if (action?.case === "route") action.value.requestMirrorPolicies = [mirror("m3")];
  expect(createResource(config).references?.map(({ name, path }) => `${name} ${path}`)).toEqual([
    "m1 request_mirror_policies[0].cluster",
    "m2 virtual_hosts[0].request_mirror_policies[0].cluster",
    "c virtual_hosts[0].routes[0].route.cluster",
    "m3 virtual_hosts[0].routes[0].route.request_mirror_policies[0].cluster",
  ]);
});
