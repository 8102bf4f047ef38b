import { create } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { TypedExtensionConfigSchema } from "@rxds/envoy-api/envoy/config/core/v3/extension";
import { VirtualHostSchema } from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { ScopedRouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/scoped_route";
import { BufferSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/buffer/v3/buffer";
import { SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import { RuntimeSchema } from "@rxds/envoy-api/envoy/service/runtime/v3/rtds";
import { httpListener, packAny, type ResourceItem, routes, typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { cluster, hosts, namesOf, node, startWorld } from "./world.js";

interface Service {
  readonly label: string;
  readonly typeUrl: string;
  readonly service: string;
  /** What the methods' names end with. */
  readonly method: string;
  /** The resource "a", with a content that follows the revision. */
  readonly build: (revision: number) => ResourceItem;
}

const secret = (revision: number) =>
  create(SecretSchema, {
    name: "a",
    type: {
      case: "genericSecret",
      value: { secret: { specifier: { case: "inlineString", value: `token-${revision}` } } },
    },
  });

const services: readonly Service[] = [
  {
    label: "CDS",
    typeUrl: typeUrls.cluster,
    service: "envoy.service.cluster.v3.ClusterDiscoveryService",
    method: "Clusters",
    build: (revision) => cluster("a", revision),
  },
  {
    label: "EDS",
    typeUrl: typeUrls.endpoints,
    service: "envoy.service.endpoint.v3.EndpointDiscoveryService",
    method: "Endpoints",
    build: (revision) => hosts("a", revision),
  },
  {
    label: "LDS",
    typeUrl: typeUrls.listener,
    service: "envoy.service.listener.v3.ListenerDiscoveryService",
    method: "Listeners",
    build: (revision) => httpListener({ name: "a", port: 10_000 + revision, routeConfig: "main" }),
  },
  {
    label: "RDS",
    typeUrl: typeUrls.routes,
    service: "envoy.service.route.v3.RouteDiscoveryService",
    method: "Routes",
    build: (revision) => routes("a", { "/": `cluster-${revision}` }),
  },
  {
    label: "SRDS",
    typeUrl: typeUrls.scopedRoutes,
    service: "envoy.service.route.v3.ScopedRoutesDiscoveryService",
    method: "ScopedRoutes",
    build: (revision) =>
      create(ScopedRouteConfigurationSchema, { name: "a", routeConfigurationName: `routes-${revision}` }),
  },
  {
    label: "VHDS",
    typeUrl: typeUrls.virtualHost,
    service: "envoy.service.route.v3.VirtualHostDiscoveryService",
    method: "VirtualHosts",
    build: (revision) => create(VirtualHostSchema, { name: "a", domains: [`v${revision}.example.com`] }),
  },
  {
    label: "SDS",
    typeUrl: typeUrls.secret,
    service: "envoy.service.secret.v3.SecretDiscoveryService",
    method: "Secrets",
    build: secret,
  },
  {
    label: "RTDS",
    typeUrl: typeUrls.runtime,
    service: "envoy.service.runtime.v3.RuntimeDiscoveryService",
    method: "Runtime",
    build: (revision) => create(RuntimeSchema, { name: "a", layer: { revision } }),
  },
  {
    label: "ECDS",
    typeUrl: typeUrls.extensionConfig,
    service: "envoy.service.extension.v3.ExtensionConfigDiscoveryService",
    method: "ExtensionConfigs",
    build: (revision) =>
      create(TypedExtensionConfigSchema, {
        name: "a",
        typedConfig: packAny(BufferSchema, create(BufferSchema, { maxRequestBytes: revision })),
      }),
  },
];

/** A type that the service does not serve. */
const otherThan = (typeUrl: string): string => (typeUrl === typeUrls.cluster ? typeUrls.listener : typeUrls.cluster);

describe.each(services)("$label alone", ({ typeUrl, service, method, build }) => {
  test("delta: a resource and its change arrive without the type being said", async () => {
    await using world = await startWorld([build(1)]);
    const stream = world.delta({ service, method: `Delta${method}` });
    stream.send({ node, resourceNamesSubscribe: ["a"] });
    const first = await stream.next();
    expect(first.typeUrl).toBe(typeUrl);
    expect(first.resources.map((one) => [one.name, one.resource?.typeUrl])).toEqual([["a", typeUrl]]);
    stream.ack(first, { typeUrl: "" });
    world.put(build(2));
    const second = await stream.next();
    expect([second.typeUrl, namesOf(second)]).toEqual([typeUrl, ["a"]]);
    expect(second.resources[0]?.resource?.value).not.toEqual(first.resources[0]?.resource?.value);
    stream.ack(second, { typeUrl: "" });
    await world.server.converged(undefined, { clients: 1 });
    expect(world.server.clients()[0]?.aggregated).toBe(false);
  });

  test("delta: a request for another type ends the stream", async () => {
    await using world = await startWorld([build(1)]);
    const stream = world.delta({ service, method: `Delta${method}` });
    stream.send({ node, typeUrl, resourceNamesSubscribe: ["a"] });
    expect(namesOf(await stream.next())).toEqual(["a"]);
    stream.send({ typeUrl: otherThan(typeUrl) });
    const { code, details } = await stream.closed;
    expect(code).toBe(status.INVALID_ARGUMENT);
    expect(details).toContain(typeUrl);
  });
});

describe.each(services.filter(({ label }) => label !== "VHDS"))("$label alone", (one) => {
  const { typeUrl, service, method, build } = one;

  test("state of the world: a resource and its change arrive without the type being said", async () => {
    await using world = await startWorld([build(1)]);
    const stream = world.sotw({ service, method: `Stream${method}` });
    stream.send({ node, resourceNames: ["a"] });
    const first = await stream.next();
    expect(first.typeUrl).toBe(typeUrl);
    expect(first.resources.map((any) => any.typeUrl)).toEqual([typeUrl]);
    expect(namesOf(first)).toEqual(["a"]);
    stream.ack(first, { typeUrl: "" });
    world.put(build(2));
    const second = await stream.next();
    expect([second.typeUrl, namesOf(second)]).toEqual([typeUrl, ["a"]]);
    expect(second.resources[0]?.value).not.toEqual(first.resources[0]?.value);
    expect(second.versionInfo).not.toBe(first.versionInfo);
    stream.ack(second, { typeUrl: "" });
    await world.server.converged(undefined, { clients: 1 });
  });

  test("state of the world: a request for another type ends the stream", async () => {
    await using world = await startWorld([build(1)]);
    const stream = world.sotw({ service, method: `Stream${method}` });
    stream.send({ node, typeUrl, resourceNames: ["a"] });
    expect(namesOf(await stream.next())).toEqual(["a"]);
    stream.send({ typeUrl: otherThan(typeUrl) });
    const { code, details } = await stream.closed;
    expect(code).toBe(status.INVALID_ARGUMENT);
    expect(details).toContain(typeUrl);
  });
});

test("VHDS has no state-of-the-world method", async () => {
  await using world = await startWorld();
  const service = "envoy.service.route.v3.VirtualHostDiscoveryService";
  expect(() => world.sotw({ service, method: "StreamVirtualHosts" })).toThrow(/no streaming method/);
});

test("an aggregated stream must say the type", async () => {
  await using world = await startWorld([cluster("a")]);
  const stream = world.delta();
  stream.send({ node });
  expect((await stream.closed).code).toBe(status.INVALID_ARGUMENT);
});
