import { create } from "@bufbuild/protobuf";
import { SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import type { DeltaDiscoveryResponse } from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { createResource, typeUrls } from "rxds";
import { expect, test } from "vitest";
import { cluster, type Delta, hosts, namesOf, node, startWorld } from "./world.js";

const CDS = typeUrls.cluster;
const EDS = typeUrls.endpoints;

/** What a response says: names of resources, and of removed ones. */
const said = (response: DeltaDiscoveryResponse) => [namesOf(response), [...response.removedResources].sort()];

/** Takes the next response, accepts it, and tells what it says. */
const accept = async (stream: Delta): Promise<string[][]> => said(await stream.accept());

test("rule 6: a name is in a response once, however often it was asked for", async () => {
  await using world = await startWorld([cluster("a"), cluster("b")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: CDS, resourceNamesSubscribe: ["*", "a", "a", "ghost", "ghost"] });
  expect(await accept(stream)).toEqual([["a", "b"], ["ghost"]]);
  stream.send({ typeUrl: CDS, resourceNamesSubscribe: ["*", "a", "ghost"], resourceNamesUnsubscribe: ["a", "ghost"] });
  expect(await accept(stream)).toEqual([["a", "b"], ["ghost"]]);
});

test("rule 6: what is removed and made again while a response is under way is not both", async () => {
  await using world = await startWorld([hosts("a"), hosts("b")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: EDS, resourceNamesSubscribe: ["a", "b"] });
  const first = await stream.next();
  world.drop(EDS, "a", "b");
  world.put(hosts("a", 2));
  stream.ack(first);
  expect(await accept(stream)).toEqual([["a"], ["b"]]);
});

test("rule 7: a nonce of another stream accepts nothing", async () => {
  await using world = await startWorld([cluster("a")]);
  const one = world.delta();
  one.send({ node, typeUrl: CDS });
  await one.accept();
  world.put(cluster("a", 2));
  const foreign = await one.accept();
  await world.server.converged(undefined, { clients: 1 });
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

test("rule 29: the wildcard stays when names are added, and only unsubscribing the star ends it", async () => {
  await using world = await startWorld([cluster("a"), cluster("b")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: CDS });
  expect(await accept(stream)).toEqual([["a", "b"], []]);
  stream.send({ typeUrl: CDS, resourceNamesSubscribe: ["a"] });
  expect(await accept(stream)).toEqual([["a"], []]);
  world.put(cluster("b", 2));
  expect(await accept(stream)).toEqual([["b"], []]);
  stream.send({ typeUrl: CDS, resourceNamesUnsubscribe: ["*"] });
  await stream.silence();
  world.put(cluster("b", 3));
  await stream.silence();
  world.put(cluster("a", 2));
  expect(await accept(stream)).toEqual([["a"], []]);
});

test("rule 30: unsubscribing a name beside a wildcard is answered with how it stands", async () => {
  await using world = await startWorld([cluster("a"), cluster("b")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: CDS, resourceNamesSubscribe: ["*", "a", "ghost"] });
  expect(await accept(stream)).toEqual([["a", "b"], ["ghost"]]);
  stream.send({ typeUrl: CDS, resourceNamesUnsubscribe: ["a"] });
  expect(await accept(stream)).toEqual([["a"], []]);
  stream.send({ typeUrl: CDS, resourceNamesUnsubscribe: ["ghost"] });
  expect(await accept(stream)).toEqual([[], ["ghost"]]);
  world.put(cluster("a", 2));
  expect(await accept(stream)).toEqual([["a"], []]);
});

test("rule 33: a stale nonce does not keep new names from counting", async () => {
  await using world = await startWorld([hosts("a"), hosts("b")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: EDS, resourceNamesSubscribe: ["a"] });
  const first = await stream.accept();
  world.put(hosts("a", 2));
  expect(await accept(stream)).toEqual([["a"], []]);
  stream.send({ typeUrl: EDS, responseNonce: first.nonce, resourceNamesSubscribe: ["b"] });
  expect(await accept(stream)).toEqual([["b"], []]);
  stream.send({ typeUrl: EDS, responseNonce: "never sent", resourceNamesUnsubscribe: ["a"] });
  await stream.silence();
  world.put(hosts("a", 3));
  await stream.silence();
});

test("rule 34: an ACK may change the subscription", async () => {
  await using world = await startWorld([hosts("a"), hosts("b")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: EDS, resourceNamesSubscribe: ["a"] });
  const first = await stream.next();
  stream.ack(first, { resourceNamesSubscribe: ["b"], resourceNamesUnsubscribe: ["a"] });
  expect(await accept(stream)).toEqual([["b"], []]);
  const acked = world.events.flatMap((event) => (event.kind === "acked" ? [event.nonce] : []));
  expect(acked).toEqual([first.nonce, stream.received[1]?.nonce]);
  world.put(hosts("a", 2));
  await stream.silence();
});

test("rule 35: a request without a nonce accepts nothing, and its names count", async () => {
  await using world = await startWorld([hosts("a"), hosts("b")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: EDS, resourceNamesSubscribe: ["a"] });
  const first = await stream.next();
  stream.send({ typeUrl: EDS, resourceNamesSubscribe: ["b"] });
  const second = await stream.next();
  expect(said(second)).toEqual([["b"], []]);
  const nonces = () => world.server.clients()[0]?.types[0]?.inFlight.map(({ nonce }) => nonce);
  expect(nonces()).toEqual([first.nonce, second.nonce]);
  stream.ack(second);
  await stream.silence();
  expect(nonces()).toEqual([first.nonce]);
});

test("rule 36: every name that is asked for is sent, also when the client has it", async () => {
  await using world = await startWorld([hosts("a"), hosts("b")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: EDS, resourceNamesSubscribe: ["a", "b"] });
  expect(await accept(stream)).toEqual([["a", "b"], []]);
  for (let n = 0; n < 2; n++) {
    stream.send({ typeUrl: EDS, resourceNamesSubscribe: ["a"] });
    expect(await accept(stream)).toEqual([["a"], []]);
  }
  await stream.silence();
});

test("rule 37: a name that does not exist is listed as removed at once, and sent when it is made", async () => {
  await using world = await startWorld([hosts("a")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: EDS, resourceNamesSubscribe: ["a", "ghost"] });
  expect(await accept(stream)).toEqual([["a"], ["ghost"]]);
  stream.send({ typeUrl: EDS, resourceNamesSubscribe: ["phantom"] });
  expect(await accept(stream)).toEqual([[], ["phantom"]]);
  world.put(hosts("ghost"));
  expect(await accept(stream)).toEqual([["ghost"], []]);
  world.drop(EDS, "ghost");
  expect(await accept(stream)).toEqual([[], ["ghost"]]);
});

test("rule 37: of a secret that does not exist, or is gone, nothing is said", async () => {
  await using world = await startWorld();
  const stream = world.delta();
  stream.send({ node, typeUrl: typeUrls.secret, resourceNamesSubscribe: ["ghost"] });
  await stream.silence();
  world.put(create(SecretSchema, { name: "ghost" }));
  expect(await accept(stream)).toEqual([["ghost"], []]);
  world.drop(typeUrls.secret, "ghost");
  await stream.silence();
});

test("rule 38: unsubscribing is not answered, and what was not subscribed to is ignored", async () => {
  await using world = await startWorld([hosts("a"), hosts("b")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: EDS, resourceNamesSubscribe: ["a", "b"] });
  expect(await accept(stream)).toEqual([["a", "b"], []]);
  stream.send({ typeUrl: EDS, resourceNamesUnsubscribe: ["phantom"] });
  await stream.silence();
  stream.send({ typeUrl: EDS, resourceNamesUnsubscribe: ["a"] });
  await stream.silence();
  world.put(hosts("a", 2));
  await stream.silence();
  world.drop(EDS, "a");
  await stream.silence();
  world.put(hosts("b", 2));
  expect(await accept(stream)).toEqual([["b"], []]);
});

test("rule 40: of what a client holds, equal is skipped, changed is sent, vanished is removed", async () => {
  const same = createResource(cluster("same"));
  await using world = await startWorld([same, cluster("changed", 2), cluster("new")]);
  const stream = world.delta();
  const initialResourceVersions = { same: same.version, changed: "older", vanished: "whatever" };
  stream.send({ node, typeUrl: CDS, initialResourceVersions });
  expect(await accept(stream)).toEqual([["changed", "new"], ["vanished"]]);
  // Only the first request of a type says what is held.
  stream.send({ typeUrl: CDS, initialResourceVersions: { same: "older", "long gone": "1" } });
  await stream.silence();
  world.put(cluster("same", 2));
  expect(await accept(stream)).toEqual([["same"], []]);
});

test("rule 41: names beside the versions held are skipped when they are equal", async () => {
  const same = createResource(hosts("same"));
  await using world = await startWorld([same, hosts("changed", 2), hosts("other")]);
  const stream = world.delta();
  const initialResourceVersions = { same: same.version, changed: "older", vanished: "whatever" };
  stream.send({
    node,
    typeUrl: EDS,
    initialResourceVersions,
    resourceNamesSubscribe: ["same", "changed", "vanished"],
  });
  expect(await accept(stream)).toEqual([["changed"], ["vanished"]]);
  await stream.silence();
  world.put(hosts("same", 2));
  expect(await accept(stream)).toEqual([["same"], []]);
});

test.each([
  ["CDS without names", CDS, []],
  ["LDS without names", typeUrls.listener, []],
  ["EDS with a star", EDS, ["*"]],
])(
  "rule 43: a first wildcard request of %s gets an empty response when there is nothing",
  async (_, typeUrl, names) => {
    await using world = await startWorld();
    const stream = world.delta();
    stream.send({ node, typeUrl, resourceNamesSubscribe: names });
    const empty = await stream.next();
    expect([empty.typeUrl, ...said(empty)]).toEqual([typeUrl, [], []]);
    stream.ack(empty);
    await stream.silence();
  },
);
