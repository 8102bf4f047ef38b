import { create } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { AddressSchema, SocketAddressSchema } from "@rxds/envoy-api/envoy/config/core/v3/address";
import { ClusterLoadAssignmentSchema } from "@rxds/envoy-api/envoy/config/endpoint/v3/endpoint";
import { EndpointSchema, LbEndpointSchema } from "@rxds/envoy-api/envoy/config/endpoint/v3/endpoint_components";
import { eventually } from "@rxds/testkit";
import { createSnapshot, edit, type Snapshot, typeUrls, type XdsEvent } from "rxds";
import { BehaviorSubject } from "rxjs";
import { describe, expect, test } from "vitest";
import { type Client, modes, openClient } from "./client.js";
import { cluster, hosts, namesOf, node, startWorld, type World } from "./world.js";

const CDS = typeUrls.cluster;
const EDS = typeUrls.endpoints;
const malformed = Buffer.from([0x0a, 0xff]);

/** A client that has all that there is. */
async function bystander(world: World): Promise<Client> {
  const client = openClient(world, "delta");
  client.ask(CDS);
  await client.accept();
  return client;
}

/** Proves that a client still gets what changes, and got nothing else meanwhile. */
async function unharmed(world: World, client: Client): Promise<void> {
  world.put(cluster("proof"));
  expect(await client.accept()).toMatchObject({ typeUrl: CDS, names: ["proof"] });
}

/** What the server said of broken rules. */
const violations = (events: readonly XdsEvent[]): string[] =>
  events.flatMap((event) => (event.kind === "violated" ? [event.detail] : []));

describe.each(modes)("%s", (mode) => {
  test("bytes that are no message end the stream, as its first message and later", async () => {
    await using world = await startWorld([cluster("a")]);
    const other = await bystander(world);
    const first = world[mode]();
    first.sendBytes(malformed);
    expect((await first.closed).code).toBe(status.INVALID_ARGUMENT);
    const later = world[mode]();
    later.send({ node, typeUrl: CDS });
    await later.next();
    later.sendBytes(malformed);
    expect((await later.closed).code).toBe(status.INVALID_ARGUMENT);
    expect(violations(world.events)).toHaveLength(2);
    expect(world.server.clients()).toHaveLength(1);
    await unharmed(world, other);
  });

  test("a node that is no node ends the stream", async () => {
    await using world = await startWorld([cluster("a")]);
    const other = await bystander(world);
    const stream = world[mode]();
    // `node` (field 2 in state of the world, 1 in delta) whose id (field 1) is longer than its bytes.
    stream.sendBytes(Buffer.from([mode === "sotw" ? 0x12 : 0x0a, 0x02, 0x0a, 0x7f]));
    expect((await stream.closed).code).toBe(status.INVALID_ARGUMENT);
    expect(violations(world.events)).toHaveLength(1);
    await unharmed(world, other);
  });

  test("a first request without a node ends the stream, and says what was expected", async () => {
    await using world = await startWorld([cluster("a")]);
    const other = await bystander(world);
    const stream = world[mode]();
    stream.send({ typeUrl: CDS });
    const { code, details } = await stream.closed;
    expect([code, details]).toEqual([status.INVALID_ARGUMENT, expect.stringContaining("must carry the node")]);
    expect(violations(world.events)).toEqual([expect.stringContaining("must carry the node")]);
    await unharmed(world, other);
  });

  test("a request that is too large ends the stream", async () => {
    await using world = await startWorld([cluster("a")], { limits: { requestBytes: 1000 } });
    const other = await bystander(world);
    const stream = world[mode]();
    stream.send({ node: { id: "x".repeat(2000) }, typeUrl: CDS });
    expect((await stream.closed).code).toBe(status.RESOURCE_EXHAUSTED);
    await unharmed(world, other);
  });

  test("a type that nobody knows does not end the stream", async () => {
    await using world = await startWorld([cluster("a")]);
    const other = await bystander(world);
    const client = openClient(world, mode);
    const unknown = "type.googleapis.com/wire.test.Unbekanntéß";
    client.ask(unknown, "thing");
    if (mode === "delta") expect(await client.accept()).toMatchObject({ typeUrl: unknown, removed: ["thing"] });
    await client.silence();
    client.ask(CDS);
    expect(await client.accept()).toMatchObject({ typeUrl: CDS, names: ["a"] });
    await unharmed(world, other);
    expect(await client.accept()).toMatchObject({ typeUrl: CDS });
    expect(violations(world.events)).toEqual([]);
  });
});

describe("too many names", () => {
  const limits = { limits: { names: 3 } };
  const names = ["a", "b", "c", "d"];

  test("in one request end the stream", async () => {
    await using world = await startWorld([cluster("a")], limits);
    const other = await bystander(world);
    const delta = world.delta();
    delta.send({ node, typeUrl: EDS, resourceNamesSubscribe: names });
    const sotw = world.sotw();
    sotw.send({ node, typeUrl: EDS, resourceNames: names });
    const versions = world.delta();
    const initialResourceVersions = Object.fromEntries(names.map((name) => [name, "1"]));
    versions.send({ node, typeUrl: EDS, initialResourceVersions });
    for (const stream of [delta, sotw, versions]) {
      const { code, details } = await stream.closed;
      expect([code, details]).toEqual([status.INVALID_ARGUMENT, expect.stringContaining("more than 3 names")]);
    }
    expect(violations(world.events)).toHaveLength(3);
    await unharmed(world, other);
  });

  test("gathered by several delta requests end the stream", async () => {
    await using world = await startWorld([cluster("a")], limits);
    const other = await bystander(world);
    const stream = world.delta();
    stream.send({ node, typeUrl: EDS, resourceNamesSubscribe: ["a", "b"] });
    stream.ack(await stream.next(), { resourceNamesSubscribe: ["b", "c"] });
    expect((await stream.next()).removedResources.toSorted()).toEqual(["b", "c"]);
    stream.send({ typeUrl: EDS, resourceNamesSubscribe: ["d"] });
    expect((await stream.closed).code).toBe(status.INVALID_ARGUMENT);
    await unharmed(world, other);
  });
});

/** An endpoint at any address, legal or not. */
function host(address: string, port: number) {
  const portSpecifier = { case: "portValue" as const, value: port };
  const socket = create(SocketAddressSchema, { address, portSpecifier });
  const where = create(AddressSchema, { address: { case: "socketAddress", value: socket } });
  const endpoint = create(EndpointSchema, { address: where });
  return create(LbEndpointSchema, { hostIdentifier: { case: "endpoint", value: endpoint } });
}

describe("an invalid snapshot", () => {
  const good = createSnapshot([cluster("a"), hosts("a")]);
  const bad = createSnapshot([
    cluster("a", 2),
    cluster("twice", 1),
    cluster("twice", 2),
    create(ClusterLoadAssignmentSchema, {
      clusterName: "a",
      endpoints: [{ lbEndpoints: [host("not-an-ip", 80), host("127.0.0.1", 70_000)] }],
    }),
  ]);

  test("is refused as a whole, with each problem, and the last good one stays in force", async () => {
    const source = new BehaviorSubject<Snapshot>(good);
    await using world = await startWorld([], { snapshots: source });
    const connected = world.delta();
    connected.send({ node, typeUrl: CDS });
    await connected.accept();
    source.next(bad);
    const refused = world.events.filter((event) => event.kind === "refused-snapshot");
    expect(refused).toHaveLength(1);
    const at = "endpoints[0].lb_endpoints";
    const errors = refused[0]!.problems.filter(({ severity }) => severity === "error");
    expect(errors.map(({ code, type, name, path }) => [code, type, name, path])).toEqual([
      ["duplicate-name", CDS, "twice", ""],
      ["invalid-resource", EDS, "a", `${at}[0].endpoint.address.socket_address.address`],
      ["invalid-resource", EDS, "a", `${at}[1].endpoint.address.socket_address.port_value`],
    ]);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining("unique"),
      expect.stringContaining("not-an-ip"),
      expect.stringContaining("70000"),
    ]);
    // A client that comes now gets the last good one, and who is there hears nothing until the next good one.
    const late = world.delta();
    late.send({ node, typeUrl: CDS });
    const first = await late.next();
    expect(first.resources.map(({ name, version }) => [name, version])).toEqual([["a", good.get(CDS, "a")!.version]]);
    const next = edit(good, (draft) => draft.set(cluster("b")));
    source.next(next);
    const update = await connected.accept();
    expect([namesOf(update), update.removedResources]).toEqual([["b"], []]);
    expect(world.server.clients().map(({ types }) => types[0]?.rejections)).toEqual([0, 0]);
  });

  test("that comes first leaves the server silent until a good one comes", async () => {
    const source = new BehaviorSubject<Snapshot>(bad);
    await using world = await startWorld([], { snapshots: source });
    const stream = world.delta();
    stream.send({ node, typeUrl: CDS });
    await eventually(() => expect(world.events.map(({ kind }) => kind)).toContain("connected"));
    expect(world.events.map(({ kind }) => kind)).toContain("refused-snapshot");
    expect(world.server.ready()).toBe(false);
    source.next(good);
    const first = await stream.next();
    expect(first.resources.map(({ version }) => version)).toEqual([good.get(CDS, "a")!.version]);
  });
});
