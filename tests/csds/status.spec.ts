import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { ClientResourceStatus } from "@rxds/envoy-api/envoy/admin/v3/config_dump_shared";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { ConfigStatus } from "@rxds/envoy-api/envoy/service/status/v3/csds";
import { eventually, rawXds } from "@rxds/testkit";
import { createResource, scoped, typeUrls } from "rxds";
import { of } from "rxjs";
import { expect, test } from "vitest";
import { modes, openClient } from "../wire/client.js";
import { cluster, hosts, node, startWorld } from "../wire/world.js";
import { fetchStatus, statuses, streamStatus } from "./status-client.js";

const CDS = typeUrls.cluster;
const EDS = typeUrls.endpoints;

/** Status of the only client. */
async function statusOf(address: string) {
  const { config } = await fetchStatus(address);
  expect(config).toHaveLength(1);
  return config[0];
}

test.each(modes)("%s: what was sent is STALE until it is acknowledged, and SYNCED then", async (mode) => {
  await using world = await startWorld([cluster("a"), cluster("b")]);
  const { address } = world.server;
  const client = openClient(world, mode);
  client.ask(CDS);
  const first = await client.next();
  expect(statuses(await statusOf(address))).toEqual({ a: "STALE", b: "STALE" });
  first.ack();
  await eventually(async () => expect(statuses(await statusOf(address))).toEqual({ a: "SYNCED", b: "SYNCED" }));

  const config = await statusOf(address);
  expect(config?.node).toMatchObject({ id: node.id, cluster: node.cluster });
  expect(config?.clientScope).toBe("");
  const [a] = config?.genericXdsConfigs ?? [];
  const { version } = createResource(cluster("a"));
  expect(a).toMatchObject({ typeUrl: CDS, name: "a", versionInfo: version, clientStatus: ClientResourceStatus.ACKED });
  expect(a?.errorState).toBeUndefined();
  expect(a?.xdsConfig && anyUnpack(a.xdsConfig, ClusterSchema)?.name).toBe("a");
});

test("a change is NOT_SENT while as many responses as may be under way are not answered", async () => {
  await using world = await startWorld([cluster("a"), cluster("b")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: CDS });
  const unanswered = [await stream.next()];
  for (const revision of [2, 3, 4]) {
    world.put(cluster("b", revision));
    unanswered.push(await stream.next());
  }
  world.put(cluster("b", 5));
  expect(statuses(await statusOf(world.server.address))).toEqual({ a: "STALE", b: "NOT_SENT" });
  for (const response of unanswered) stream.ack(response);
  await stream.accept();
  expect(statuses(await statusOf(world.server.address))).toEqual({ a: "SYNCED", b: "SYNCED" });
});

test.each(modes)("%s: a name that does not exist is NOT_SENT, without version and body", async (mode) => {
  await using world = await startWorld([hosts("a")]);
  const client = openClient(world, mode);
  client.ask(EDS, "a", "none");
  expect((await client.accept()).names).toEqual(["a"]);
  const config = await statusOf(world.server.address);
  expect(statuses(config)).toEqual({ a: "SYNCED", none: "NOT_SENT" });
  const none = config?.genericXdsConfigs.find(({ name }) => name === "none");
  expect(none).toMatchObject({ versionInfo: "", clientStatus: ClientResourceStatus.DOES_NOT_EXIST });
  expect(none?.xdsConfig).toBeUndefined();
});

test.each(modes)("%s: what was rejected is ERROR, with the client's words, until it changes", async (mode) => {
  await using world = await startWorld([hosts("a"), hosts("b")]);
  const { address } = world.server;
  const client = openClient(world, mode);
  client.ask(EDS, "a", "b");
  await client.accept();
  world.put(hosts("b", 2));
  const before = Date.now();
  (await client.next()).nack('b: malformed, inline_string: "hunter2"');
  await eventually(async () => expect(statuses(await statusOf(address))).toEqual({ a: "SYNCED", b: "ERROR" }));
  const b = (await statusOf(address))?.genericXdsConfigs.find(({ name }) => name === "b");
  const { version } = createResource(hosts("b", 2));
  expect(b?.clientStatus).toBe(ClientResourceStatus.NACKED);
  expect(b?.versionInfo).toBe(version);
  expect(b?.errorState).toMatchObject({ versionInfo: version, details: 'b: malformed, inline_string: "…"' });
  expect(Number(b?.errorState?.lastUpdateAttempt?.seconds) * 1000).toBeGreaterThan(before - 1000);
  expect(b?.xdsConfig?.typeUrl).toBe(EDS);

  world.put(hosts("b", 3));
  await client.accept();
  const healed = await statusOf(address);
  expect(statuses(healed)).toEqual({ a: "SYNCED", b: "SYNCED" });
  expect(healed?.genericXdsConfigs.every(({ errorState }) => errorState === undefined)).toBe(true);
});

test.each(modes)("%s: what is found to be rejected without being named is ERROR too", async (mode) => {
  await using world = await startWorld([hosts("a"), hosts("b"), hosts("c")]);
  const client = openClient(world, mode);
  client.ask(EDS, "a", "b", "c");
  (await client.next()).nack("something is wrong");
  // It goes again, one by one.
  for (let n = 0; n < 3; n++) {
    const one = await client.next();
    if (one.names.includes("b")) one.nack("wrong again");
    else one.ack();
  }
  await eventually(async () =>
    expect(statuses(await statusOf(world.server.address))).toEqual({ a: "SYNCED", b: "ERROR", c: "SYNCED" }),
  );
  const config = await statusOf(world.server.address);
  expect(config?.genericXdsConfigs.map(({ errorState }) => errorState?.details)).toEqual([
    undefined,
    "wrong again",
    undefined,
  ]);
});

test("a wildcard beside names shows what the view shows, and the names that it does not", async () => {
  await using world = await startWorld([], {
    scope: () => "red",
    snapshots: () => scoped(world.store, of({ [CDS]: ["a", "none"] })),
  });
  world.put(cluster("a"), cluster("hidden"));
  const stream = world.delta();
  stream.send({ node, typeUrl: CDS, resourceNamesSubscribe: ["*", "hidden", "a"] });
  await stream.accept();
  const config = await statusOf(world.server.address);
  expect(config?.clientScope).toBe("red");
  expect(statuses(config)).toEqual({ a: "SYNCED", hidden: "NOT_SENT" });
});

test("what a client calls types and names is shown as it is, whatever letters it takes", async () => {
  await using world = await startWorld();
  const typeUrl = "type.googleapis.com/none.Sück☃";
  world.sotw().send({ node, typeUrl, resourceNames: ["ñ-☃"] });
  await eventually(async () => {
    const { config } = await fetchStatus(world.server.address);
    expect(config[0]?.genericXdsConfigs).toMatchObject([{ typeUrl, name: "ñ-☃", configStatus: ConfigStatus.NOT_SENT }]);
  });
});

test("bodies are left out when the request says so", async () => {
  await using world = await startWorld([cluster("a")]);
  const client = openClient(world, "delta");
  client.ask(CDS);
  await client.accept();
  const { config } = await fetchStatus(world.server.address, { excludeResourceContents: true });
  expect(config[0]?.genericXdsConfigs).toMatchObject([{ name: "a", configStatus: ConfigStatus.SYNCED }]);
  expect(config[0]?.genericXdsConfigs[0]?.xdsConfig).toBeUndefined();
});

test("the streams that a client has for single types on one connection are one client", async () => {
  await using world = await startWorld([cluster("a"), hosts("a")]);
  const { address } = world.server;
  // Streams with equal options share a connection, unless they say otherwise.
  const channelOptions = { "grpc.use_local_subchannel_pool": 0 };
  const open = (service: string, method: string) =>
    rawXds({ address, mode: "delta", service: `envoy.service.${service}`, method, channelOptions });
  await using cds = open("cluster.v3.ClusterDiscoveryService", "DeltaClusters");
  await using eds = open("endpoint.v3.EndpointDiscoveryService", "DeltaEndpoints");
  await using other = open("endpoint.v3.EndpointDiscoveryService", "DeltaEndpoints");
  for (const stream of [cds, eds]) {
    stream.send({ node, resourceNamesSubscribe: ["a"] });
    stream.ack(await stream.next());
  }
  other.send({ node: { ...node, id: "n2" }, resourceNamesSubscribe: ["a"] });
  await other.next();
  await eventually(async () => {
    const { config } = await fetchStatus(address);
    const seen = config.map((one) => [one.node?.id, statuses(one, CDS), statuses(one, EDS)]);
    expect(seen).toEqual([
      ["n1", { a: "SYNCED" }, { a: "SYNCED" }],
      ["n2", {}, { a: "STALE" }],
    ]);
  });
});

test("each request of a stream is answered by one response, in order", async () => {
  await using world = await startWorld([cluster("a")]);
  const client = openClient(world, "delta");
  client.ask(CDS);
  await client.accept();
  await using stream = streamStatus(world.server.address);
  stream.send({});
  stream.send({ excludeResourceContents: true });
  stream.send({ nodeMatchers: [{ nodeId: { matchPattern: { case: "exact", value: "other" } } }] });
  await eventually(() => expect(stream.received).toHaveLength(3));
  const [all, bare, none] = stream.received;
  expect(all?.config[0]?.genericXdsConfigs[0]?.xdsConfig?.typeUrl).toBe(CDS);
  expect(bare?.config[0]?.genericXdsConfigs[0]?.xdsConfig).toBeUndefined();
  expect(none?.config).toEqual([]);
  stream.send({});
  stream.halfClose();
  expect(await stream.closed).toEqual({ code: 0, details: "OK" });
  expect(stream.received).toHaveLength(4);
});

test("clients that are gone are shown no more", async () => {
  await using world = await startWorld([cluster("a")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: CDS });
  await stream.accept();
  stream.cancel();
  await stream.closed;
  await eventually(async () => expect((await fetchStatus(world.server.address)).config).toEqual([]));
});
