import { status } from "@grpc/grpc-js";
import { eventually } from "@rxds/testkit";
import { createOpaqueResource, typeUrls } from "rxds";
import { expect, test } from "vitest";
import { openClient } from "../wire/client.js";
import { cluster, startWorld } from "../wire/world.js";
import { failure, fetchBytes, fetchStatus, type Request, statuses, streamStatus } from "./status-client.js";

const CDS = typeUrls.cluster;
const text = (kind: "exact" | "prefix", value: string) => ({ matchPattern: { case: kind, value } });

test("clients are chosen by node id and metadata; a client may fit any of the matchers", async () => {
  await using world = await startWorld([cluster("a")]);
  const { address } = world.server;
  for (const [id, team] of Object.entries({ "web-1": "red", "web-2": "blue", "db-1": "red" })) {
    world.delta().send({ node: { id, metadata: { team, nested: { zone: `zone-${id}` } } }, typeUrl: CDS });
  }
  await eventually(() => expect(world.server.clients().filter(({ types }) => types.length > 0)).toHaveLength(3));
  const found = async (nodeMatchers: Request["nodeMatchers"]) =>
    (await fetchStatus(address, { nodeMatchers: nodeMatchers ?? [] })).config.map(({ node }) => node?.id).sort();

  const web = { nodeId: text("prefix", "web-") };
  const path = (...keys: readonly string[]) => keys.map((key) => ({ segment: { case: "key" as const, value: key } }));
  const value = (wanted: string) => ({ matchPattern: { case: "stringMatch" as const, value: text("exact", wanted) } });
  const red = { nodeMetadatas: [{ path: path("team"), value: value("red") }] };
  const db = { nodeMetadatas: [{ path: path("nested", "zone"), value: value("zone-db-1") }] };
  expect(await found([])).toEqual(["db-1", "web-1", "web-2"]);
  expect(await found([web])).toEqual(["web-1", "web-2"]);
  expect(await found([{ ...web, ...red }])).toEqual(["web-1"]);
  expect(await found([db])).toEqual(["db-1"]);
  expect(await found([db, { ...web, ...red }])).toEqual(["db-1", "web-1"]);
  expect(await found([{ nodeId: text("exact", "none") }])).toEqual([]);
});

test.each([
  ["bytes that are no message", Buffer.from([0x0a, 0xff])],
  ["a matcher without a pattern", Buffer.from([0x0a, 0x02, 0x0a, 0x00])],
  ["a request that is too large", Buffer.concat([Buffer.from([0x82, 0x7d, 0x81, 0x80, 0x04]), Buffer.alloc(65_537)])],
])("%s ends that call, and no other", async (_, bytes) => {
  await using world = await startWorld([cluster("a")]);
  const { address } = world.server;
  await using good = streamStatus(address);
  good.send({});
  await eventually(() => expect(good.received).toHaveLength(1));
  expect((await failure(fetchBytes(address, bytes))).code).toBe(status.INVALID_ARGUMENT);
  await using bad = streamStatus(address);
  bad.sendBytes(bytes);
  expect((await bad.closed).code).toBe(status.INVALID_ARGUMENT);
  good.send({});
  await eventually(() => expect(good.received).toHaveLength(2));
});

test("an answer that would be too large is refused with what to do, and a smaller one is given", async () => {
  await using world = await startWorld();
  const names = Array.from({ length: 90 }, (_, n) => `cluster-${n}`);
  world.put(...names.map((name) => ({ ...cluster(name), altStatName: name.padEnd(200_000, ".") })));
  // In one response; in delta it would take several.
  const client = openClient(world, "sotw");
  client.ask(CDS);
  await client.accept();
  const { code, details } = await failure(fetchStatus(world.server.address));
  expect(code).toBe(status.RESOURCE_EXHAUSTED);
  expect(details).toContain("exclude_resource_contents");
  const { config } = await fetchStatus(world.server.address, { excludeResourceContents: true });
  expect(new Set(Object.values(statuses(config[0])))).toEqual(new Set(["SYNCED"]));
  expect(Object.keys(statuses(config[0]))).toHaveLength(names.length);
});

test("a body that is too large to be looked through is left out", async () => {
  await using world = await startWorld([{ ...cluster("large"), altStatName: ".".repeat(300_000) }, cluster("small")]);
  const client = openClient(world, "delta");
  client.ask(CDS);
  await client.accept();
  const { config } = await fetchStatus(world.server.address);
  const bodies = config[0]?.genericXdsConfigs.map(({ name, xdsConfig }) => [name, xdsConfig !== undefined]);
  expect(Object.fromEntries(bodies ?? [])).toEqual({ large: false, small: true });
});

test("large answers that are asked for at once are all complete", async () => {
  const typeUrl = "type.googleapis.com/csds.test.Many";
  const many = Array.from({ length: 20_000 }, (_, n) =>
    createOpaqueResource({ typeUrl, value: new Uint8Array() }, `resource-${n}`),
  );
  await using world = await startWorld(many);
  const stream = world.delta();
  stream.send({ node: { id: "n1" }, typeUrl, resourceNamesSubscribe: ["*"] });
  await stream.accept();
  const answers = await Promise.all(
    [0, 1, 2].map(async () => {
      const { config } = await fetchStatus(world.server.address);
      return Object.keys(statuses(config[0])).length;
    }),
  );
  expect(answers).toEqual([20_000, 20_000, 20_000]);
});

test("a server that closes ends the streams of those who ask", async () => {
  const world = await startWorld([cluster("a")]);
  const stream = streamStatus(world.server.address);
  stream.send({});
  await eventually(() => expect(stream.received).toHaveLength(1));
  await world.server.close();
  expect((await stream.closed).code).toBe(status.UNAVAILABLE);
});
