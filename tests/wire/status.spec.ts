import { typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { modes, openClient } from "./client.js";
import { cluster, hosts, node, startWorld, type World } from "./world.js";

// What the protocol says of answers and subscriptions is shown by the conformance suite; here is what the server tells of them.

const CDS = typeUrls.cluster;
const EDS = typeUrls.endpoints;

/** Where the first client stands with the first type that it asked for. */
const first = (world: World) => world.server.clients()[0]?.types[0];

test("a state-of-the-world request with a stale nonce changes nothing in the status (rule 10)", async () => {
  await using world = await startWorld([hosts("a"), hosts("b")]);
  const stream = world.sotw();
  stream.send({ node, typeUrl: EDS, resourceNames: ["a"] });
  const old = await stream.accept();
  world.put(hosts("a", 2));
  const newest = await stream.next();
  stream.ack(old, { resourceNames: ["a", "b"] });
  await stream.silence();
  expect([first(world)?.names, first(world)?.inFlight.map(({ nonce }) => nonce)]).toEqual([1, [newest.nonce]]);
});

test("a state-of-the-world client that has dropped its last name is shown without names and wildcard (rule 27)", async () => {
  await using world = await startWorld([cluster("a"), cluster("b")]);
  const stream = world.sotw();
  stream.send({ node, typeUrl: CDS });
  stream.ack(await stream.next(), { resourceNames: ["a"] });
  stream.ack(await stream.next(), { resourceNames: [] });
  await stream.silence();
  expect([first(world)?.wildcard, first(world)?.names]).toEqual([false, 0]);
});

test("a nonce of another stream accepts nothing (rule 7)", async () => {
  await using world = await startWorld([cluster("a")]);
  const one = world.delta();
  one.send({ node, typeUrl: CDS });
  await one.accept();
  world.put(cluster("a", 2));
  const foreign = await one.accept();
  const other = world.delta();
  other.send({ node: { id: "n2" }, typeUrl: CDS });
  const own = await other.next();
  other.ack(foreign);
  await other.silence();
  const types = () => world.server.clients().find((client) => client.node.id === "n2")?.types;
  expect(types()?.[0]).toMatchObject({ acked: undefined, inFlight: [{ nonce: own.nonce }] });
  other.ack(own);
  await world.server.holds("n2", CDS, "a");
});

test("an ACK that changes the subscription is an event like any other (rule 34)", async () => {
  await using world = await startWorld([hosts("a"), hosts("b")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: EDS, resourceNamesSubscribe: ["a"] });
  const one = await stream.next();
  stream.ack(one, { resourceNamesSubscribe: ["b"], resourceNamesUnsubscribe: ["a"] });
  const two = await stream.accept();
  const acked = world.events.flatMap((event) => (event.kind === "acked" ? [event.nonce] : []));
  expect(acked).toEqual([one.nonce, two.nonce]);
});

test("what is under way is shown until it is answered, whatever is answered before (rules 35, 45)", async () => {
  await using world = await startWorld([hosts("a"), hosts("b")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: EDS, resourceNamesSubscribe: ["a"] });
  const one = await stream.next();
  stream.send({ typeUrl: EDS, resourceNamesSubscribe: ["b"] });
  const two = await stream.next();
  const open = () => first(world)?.inFlight.map(({ nonce }) => nonce);
  expect(open()).toEqual([one.nonce, two.nonce]);
  stream.ack(two);
  await stream.silence();
  expect(open()).toEqual([one.nonce]);
});

test("a removal that omission can't tell lets those go on who wait for the configuration without it (rule 20)", async () => {
  await using world = await startWorld([hosts("a"), hosts("b")]);
  const stream = world.sotw();
  stream.send({ node, typeUrl: EDS, resourceNames: ["a", "b"] });
  await stream.accept();
  world.drop(EDS, "a");
  await world.server.converged(undefined, { clients: 1, deadlineMs: 5000 });
  await stream.silence();
});

test.each([
  ["delta", "DeltaClusters"],
  ["sotw", "StreamClusters"],
] as const)("a %s client of one type's service is shown as such, and converges", async (mode, method) => {
  await using world = await startWorld([cluster("a")]);
  const service = "envoy.service.cluster.v3.ClusterDiscoveryService";
  if (mode === "delta") {
    const stream = world.delta({ service, method });
    stream.send({ node });
    stream.ack(await stream.next(), { typeUrl: "" });
  } else {
    const stream = world.sotw({ service, method });
    stream.send({ node });
    stream.ack(await stream.next(), { typeUrl: "" });
  }
  await world.server.converged(undefined, { clients: 1 });
  expect(world.server.clients()).toMatchObject([{ aggregated: false, types: [{ type: CDS, wildcard: true }] }]);
});

describe.each(modes)("%s", (mode) => {
  test("converged waits for all types of a change, removals included", async () => {
    await using world = await startWorld([cluster("a"), cluster("b"), hosts("a"), hosts("b")]);
    const client = openClient(world, mode);
    client.ask(CDS);
    await client.accept();
    client.ask(EDS, "a", "b");
    await client.accept();
    world.store.update((tx) => {
      tx.delete(CDS, "a");
      tx.delete(EDS, "a");
      tx.set(cluster("b", 2), hosts("b", 2));
    });
    await expect(world.server.converged(undefined, { deadlineMs: 20 })).rejects.toThrow();
    // What is gone goes apart: in the state of the world by a second response, of clusters only.
    for (let n = 0; n < (mode === "delta" ? 4 : 3); n++) await client.accept();
    await world.server.converged();
  });
});
