import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { statusOfCall } from "../support/call.js";
import { endOf, node } from "../support/streams.js";
import { CDS, EDS, LDS, types, VHDS } from "../support/types.js";
import { carriers, modes, variants } from "../support/variants.js";
import { startWorld } from "../support/world.js";

describe.each(variants)("%s", (_, variant) => {
  const served = types.filter((type) => variant.mode === "delta" || type !== VHDS);
  test.each(served)("rule 1: $label serves a resource and its change", async (type) => {
    await using world = await startWorld([type.build("a")]);
    const client = world.client(type, variant);
    client.ask(type, "a");
    expect(await client.accept()).toMatchObject({ typeUrl: type.typeUrl, inner: [type.typeUrl], names: ["a"] });
    await world.put(type.build("a", 2));
    expect(await client.accept()).toMatchObject({ typeUrl: type.typeUrl, inner: [type.typeUrl], names: ["a"] });
  });

  test("rule 5: every response and every resource in it carry the type", async () => {
    await using world = await startWorld([CDS.build("a"), CDS.build("b")]);
    const client = world.client(CDS, variant);
    client.ask(CDS);
    for (let revision = 2; revision < 5; revision++) {
      expect(await client.accept()).toMatchObject({ typeUrl: CDS.typeUrl, inner: [CDS.typeUrl] });
      await world.put(CDS.build("a", revision));
    }
  });

  test("rule 7: every response of a stream has a nonce of its own", async () => {
    await using world = await startWorld([EDS.build("a")]);
    const client = world.client(EDS, variant);
    client.ask(EDS, "a");
    const nonces = [(await client.accept()).nonce];
    for (let revision = 2; revision < 7; revision++) {
      await world.put(EDS.build("a", revision));
      nonces.push((await client.accept()).nonce);
    }
    expect(nonces).not.toContain("");
    expect(new Set(nonces).size).toBe(6);
  });
});

test("rule 1: virtual hosts have no state-of-the-world service", async () => {
  const path = `/${VHDS.service}/StreamVirtualHosts`;
  expect((await statusOfCall(path)).code).toBe(status.UNIMPLEMENTED);
});

test.each([
  "/envoy.api.v2.ClusterDiscoveryService/StreamClusters",
  "/envoy.service.discovery.v2.AggregatedDiscoveryService/StreamAggregatedResources",
])("rule 1: version 2 is not served: %s", async (path) => {
  expect((await statusOfCall(path)).code).toBe(status.UNIMPLEMENTED);
});

describe.each(modes)("%s over ADS", (mode) => {
  test("rule 2: the node is remembered, and repeating it does no harm", async () => {
    await using world = await startWorld([CDS.build("a"), EDS.build("a")]);
    const stream = mode === "delta" ? world.delta(CDS) : world.sotw(CDS);
    stream.send({ node, typeUrl: CDS.typeUrl });
    await stream.accept();
    // Without a node, then with it again, as an old Envoy does in each delta request.
    const names = mode === "delta" ? { resourceNamesSubscribe: ["a"] } : { resourceNames: ["a"] };
    stream.send({ typeUrl: EDS.typeUrl, ...names });
    expect((await stream.accept()).typeUrl).toBe(EDS.typeUrl);
    stream.send({ node, typeUrl: LDS.typeUrl });
    expect((await stream.accept()).typeUrl).toBe(LDS.typeUrl);
    await stream.silence();
  });

  test("rule 2: a stream whose first request has no node is ended, and told why", async () => {
    await using world = await startWorld([CDS.build("a")]);
    const stream = mode === "delta" ? world.delta(CDS) : world.sotw(CDS);
    stream.send({ typeUrl: CDS.typeUrl });
    const { code, details } = await endOf(stream);
    expect([code, details]).toEqual([status.INVALID_ARGUMENT, expect.stringContaining("node")]);
  });

  test("rule 3: a rejection of one type holds back no other", async () => {
    await using world = await startWorld([CDS.build("a"), EDS.build("a")]);
    const client = world.client(EDS, { mode, carrier: "ADS" });
    client.ask(EDS, "a");
    (await client.next()).nack("bad endpoints of a");
    client.ask(CDS);
    expect(await client.accept()).toMatchObject({ typeUrl: CDS.typeUrl, names: ["a"] });
    await world.put(CDS.build("b"));
    expect((await client.accept()).names).toContain("b");
    await client.silence();
  });

  test("rule 3: names and wildcard of one type are nothing to another", async () => {
    await using world = await startWorld([CDS.build("a"), CDS.build("b"), LDS.build("a"), LDS.build("b")]);
    const client = world.client(CDS, { mode, carrier: "ADS" });
    client.ask(CDS);
    expect((await client.accept()).names).toEqual(["a", "b"]);
    client.ask(LDS, "a");
    expect(await client.accept()).toMatchObject({ typeUrl: LDS.typeUrl, names: ["a"] });
    await world.put(LDS.build("b", 2));
    await client.silence();
    await world.put(CDS.build("b", 2));
    expect(await client.accept()).toMatchObject({ typeUrl: CDS.typeUrl });
    await client.silence();
  });

  test("rule 4: an aggregated stream must say the type", async () => {
    await using world = await startWorld([CDS.build("a")]);
    const stream = mode === "delta" ? world.delta(CDS) : world.sotw(CDS);
    stream.send({ node });
    expect((await endOf(stream)).code).toBe(status.INVALID_ARGUMENT);
  });

  test("rule 7: types do not share nonces", async () => {
    await using world = await startWorld([CDS.build("a"), EDS.build("a"), LDS.build("a")]);
    const client = world.client(CDS, { mode, carrier: "ADS" });
    client.ask(CDS);
    client.ask(EDS, "a");
    client.ask(LDS);
    const nonces: string[] = [];
    for (let n = 0; n < 3; n++) nonces.push((await client.accept()).nonce);
    expect(new Set(nonces).size).toBe(3);
  });

  test("rule 8: a type that nobody knows does not end the stream", async () => {
    await using world = await startWorld([CDS.build("a")]);
    const stream = mode === "delta" ? world.delta(CDS) : world.sotw(CDS);
    const typeUrl = "type.googleapis.com/conformance.Unknown";
    stream.send({
      node,
      typeUrl,
      ...(mode === "delta" ? { resourceNamesSubscribe: ["x"] } : { resourceNames: ["x"] }),
    });
    stream.send({ typeUrl: CDS.typeUrl });
    expect((await stream.nextOfType(CDS.typeUrl)).resources).toHaveLength(1);
  });
});

describe.each(types)("$label over its own service", (type) => {
  const other = type === CDS ? LDS : CDS;
  test("rule 4: delta needs no type, and takes no other", async () => {
    await using world = await startWorld([type.build("a")]);
    const stream = world.delta(type, "its own service");
    stream.send({ node, resourceNamesSubscribe: ["a"] });
    const response = await stream.next();
    expect([response.typeUrl, response.resources.map(({ name }) => name)]).toEqual([type.typeUrl, ["a"]]);
    stream.ack(response, { typeUrl: "" });
    await world.put(type.build("a", 2));
    expect((await stream.next()).typeUrl).toBe(type.typeUrl);
    stream.send({ typeUrl: other.typeUrl });
    expect((await endOf(stream)).code).toBe(status.INVALID_ARGUMENT);
  });
});

describe.each(types.filter((type) => type !== VHDS))("$label over its own service", (type) => {
  const other = type === CDS ? LDS : CDS;
  test("rule 4: state of the world needs no type, and takes no other", async () => {
    await using world = await startWorld([type.build("a")]);
    const stream = world.sotw(type, "its own service");
    stream.send({ node, resourceNames: ["a"] });
    const response = await stream.next();
    expect(response.typeUrl).toBe(type.typeUrl);
    stream.ack(response, { typeUrl: "", resourceNames: ["a"] });
    await world.put(type.build("a", 2));
    expect((await stream.next()).typeUrl).toBe(type.typeUrl);
    stream.send({ typeUrl: other.typeUrl });
    expect((await endOf(stream)).code).toBe(status.INVALID_ARGUMENT);
  });
});

describe.each(carriers)("delta over %s", (carrier) => {
  test("rule 6: a name is in a response once, however often it was asked for", async () => {
    await using world = await startWorld([CDS.build("a"), CDS.build("b")]);
    const stream = world.delta(CDS, carrier);
    const names = ["*", "a", "a", "ghost", "ghost"];
    stream.send({ node, typeUrl: CDS.typeUrl, resourceNamesSubscribe: names });
    const first = await stream.accept();
    expect(first.resources.map(({ name }) => name).sort()).toEqual(["a", "b"]);
    expect(first.removedResources).toEqual(["ghost"]);
    stream.send({
      typeUrl: CDS.typeUrl,
      resourceNamesSubscribe: ["*", "a", "ghost"],
      resourceNamesUnsubscribe: ["a", "ghost"],
    });
    const second = await stream.accept();
    expect(second.resources.map(({ name }) => name).sort()).toEqual(["a", "b"]);
    expect(second.removedResources).toEqual(["ghost"]);
  });

  test("rule 6: what is removed and made again while a response is under way is not both", async () => {
    await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
    const stream = world.delta(EDS, carrier);
    stream.send({ node, typeUrl: EDS.typeUrl, resourceNamesSubscribe: ["a", "b"] });
    const first = await stream.next();
    await world.drop(EDS, "a", "b");
    await world.put(EDS.build("a", 2));
    stream.ack(first);
    // In one response or in two, but never in both lists of one.
    const told = new Map<string, string>();
    while (told.size < 2 || told.get("a") !== "there") {
      const { resources, removedResources } = await stream.accept();
      const names = resources.map(({ name }) => name);
      expect(names.filter((name) => removedResources.includes(name))).toEqual([]);
      for (const name of names) told.set(name, "there");
      for (const name of removedResources) told.set(name, "gone");
    }
    expect(Object.fromEntries(told)).toEqual({ a: "there", b: "gone" });
  });

  test("rule 7: a nonce of another stream rejects nothing", async () => {
    await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
    const one = world.delta(EDS, carrier);
    one.send({ node, typeUrl: EDS.typeUrl, resourceNamesSubscribe: ["a"] });
    await one.accept();
    // So that this nonce was not used by the other stream.
    await world.put(EDS.build("a", 2));
    const foreign = await one.accept();
    const other = world.delta(EDS, carrier);
    other.send({ node, typeUrl: EDS.typeUrl, resourceNamesSubscribe: ["a", "b"] });
    await other.accept();
    other.nack(foreign, "not mine");
    await other.silence();
    await world.put(EDS.build("b", 2));
    const changed = await other.accept();
    expect(changed.resources.map(({ name }) => name)).toEqual(["b"]);
  });
});
