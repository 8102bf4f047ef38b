import { typeUrls } from "rxds";
import { expect, test } from "vitest";
import { cluster, hosts, namesOf, node, startWorld } from "./world.js";

const CDS = typeUrls.cluster;
const EDS = typeUrls.endpoints;
const many = Array.from({ length: 20 }, (_, i) => `c${String(i).padStart(2, "0")}`);
const limits = { responseBytes: 500 };

test("a large delta response comes in parts, each resource once, none over the limit", async () => {
  await using world = await startWorld(
    many.map((name) => cluster(name)),
    { limits },
  );
  const stream = world.delta();
  stream.send({ node, typeUrl: CDS });
  const names: string[] = [];
  let parts = 0;
  while (names.length < many.length) {
    const part = await stream.next();
    const bytes = part.resources.reduce((sum, { resource }) => sum + resource!.value.length, 0);
    expect(bytes).toBeLessThanOrEqual(limits.responseBytes);
    names.push(...namesOf(part));
    parts++;
  }
  expect(parts).toBeGreaterThan(3);
  expect(names.sort()).toEqual(many);
  for (const response of stream.received) stream.ack(response);
  await stream.silence();
  await world.server.converged(undefined, { clients: 1 });
});

test("what changes or goes between two parts comes as it is, and is not sent twice", async () => {
  await using world = await startWorld(
    many.map((name) => cluster(name)),
    { limits },
  );
  const stream = world.delta();
  stream.pause();
  stream.send({ node, typeUrl: CDS });
  // The parts are handed over on several turns; whatever is left by then is told as it is.
  world.put(cluster("c19", 2));
  world.drop(CDS, "c18");
  stream.resume();
  const held = new Map<string, string>();
  const take = async () => {
    const response = await stream.accept();
    for (const { name, version } of response.resources) held.set(name, version);
    for (const name of response.removedResources) held.delete(name);
  };
  const current = () =>
    new Map(many.flatMap((name) => world.store.get(CDS, name) ?? []).map((r) => [r.name, r.version]));
  while (held.size !== 19 || held.get("c19") !== current().get("c19")) await take();
  expect(new Map([...held].sort())).toEqual(current());
  await stream.silence();
});

test("listeners wait for the last part of the clusters", async () => {
  await using world = await startWorld([...many.map((name) => cluster(name)), ...many.map((name) => hosts(name))], {
    limits,
  });
  const stream = world.delta();
  stream.send({ node, typeUrl: CDS });
  stream.send({ typeUrl: typeUrls.listener });
  const types: string[] = [];
  while (types.at(-1) !== typeUrls.listener) types.push((await stream.next()).typeUrl);
  expect(types.slice(0, -1).every((type) => type === CDS)).toBe(true);
  expect(stream.received.flatMap(namesOf).sort()).toEqual(many);
});

test("streams that are sent the same share its parts", async () => {
  await using world = await startWorld(
    many.map((name) => hosts(name)),
    { limits },
  );
  const one = world.delta();
  const other = world.delta();
  for (const stream of [one, other]) stream.send({ node, typeUrl: EDS, resourceNamesSubscribe: many });
  for (const stream of [one, other]) {
    const names: string[] = [];
    while (names.length < many.length) names.push(...namesOf(await stream.accept()));
    expect(names.sort()).toEqual(many);
  }
});
