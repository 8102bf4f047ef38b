import { fromBinary } from "@bufbuild/protobuf";
import { TypedExtensionConfigSchema } from "@rxds/envoy-api/envoy/config/core/v3/extension";
import { SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import { describe, expect, test } from "vitest";
import { namesOf, node, said } from "../support/streams.js";
import { can } from "../support/target.js";
import { CDS, ECDS, EDS, LDS, RDS, RTDS, SDS, SRDS } from "../support/types.js";
import { modes, variants } from "../support/variants.js";
import { startWorld } from "../support/world.js";

describe.each(variants)("%s", (_, variant) => {
  test.each([ECDS, SDS, RTDS])(
    "rule 60, rule 61, rule 62: $label is got by name, and by nothing else",
    async (type) => {
      await using world = await startWorld([type.build("a"), type.build("b")]);
      const client = world.client(type, variant);
      client.ask(type, "a");
      expect((await client.accept()).names).toEqual(["a"]);
      await world.put(type.build("b", 2));
      await client.silence();
      await world.put(type.build("a", 2));
      expect((await client.accept()).names).toEqual(["a"]);
    },
  );
});

test("rule 59: a cluster on demand is got by name beside the wildcard, and an unknown one is removed at once", async () => {
  await using world = await startWorld([CDS.build("a"), CDS.build("b")]);
  const stream = world.delta(CDS);
  stream.send({ node, typeUrl: CDS.typeUrl, resourceNamesSubscribe: ["a"] });
  expect(said(await stream.accept())).toEqual([["a"], []]);
  stream.send({ typeUrl: CDS.typeUrl, resourceNamesSubscribe: ["b"] });
  expect(said(await stream.accept())).toEqual([["b"], []]);
  stream.send({ typeUrl: CDS.typeUrl, resourceNamesSubscribe: ["unknown"] });
  expect(said(await stream.accept())).toEqual([[], ["unknown"]]);
  await world.put(CDS.build("unknown"));
  expect(said(await stream.accept())).toEqual([["unknown"], []]);
});

test("rule 60: an extension is sent as the TypedExtensionConfig of its filter, and its removal is told", async () => {
  await using world = await startWorld([ECDS.build("filter")]);
  const stream = world.delta(ECDS);
  stream.send({ node, typeUrl: ECDS.typeUrl, resourceNamesSubscribe: ["filter"] });
  const response = await stream.accept();
  const config = fromBinary(TypedExtensionConfigSchema, response.resources[0]?.resource?.value ?? new Uint8Array());
  expect([config.name, config.typedConfig?.typeUrl]).toEqual(["filter", expect.stringContaining("Buffer")]);
  await world.drop(ECDS, "filter");
  expect(said(await stream.accept())).toEqual([[], ["filter"]]);
});

test("rule 61: a rotation is new content and a new version under the same name", async () => {
  await using world = await startWorld([SDS.build("cert")]);
  const stream = world.delta(SDS);
  stream.send({ node, typeUrl: SDS.typeUrl, resourceNamesSubscribe: ["cert"] });
  const [before] = (await stream.accept()).resources;
  await world.put(SDS.build("cert", 2));
  const [after] = (await stream.accept()).resources;
  expect([before?.name, after?.name]).toEqual(["cert", "cert"]);
  expect(after?.version).not.toBe(before?.version);
  const secret = fromBinary(SecretSchema, after?.resource?.value ?? new Uint8Array());
  expect(secret.type).toMatchObject({ value: { secret: { specifier: { value: "token-2" } } } });
});

test("rule 62: in the state of the world a response with scopes holds all of them", async () => {
  await using world = await startWorld([SRDS.build("a"), SRDS.build("b")]);
  const stream = world.sotw(SRDS);
  stream.send({ node, typeUrl: SRDS.typeUrl });
  expect(namesOf(await stream.accept())).toEqual(["a", "b"]);
  await world.put(SRDS.build("a", 2));
  expect(namesOf(await stream.accept())).toEqual(["a", "b"]);
  await world.drop(SRDS, "a");
  expect(namesOf(await stream.accept())).toEqual(["b"]);
});

test("rule 68: a gRPC client gets what it names, one type after the other", async () => {
  await using world = await startWorld(
    [LDS, RDS, CDS, EDS].flatMap((type) => [type.build("service"), type.build("other")]),
  );
  const client = world.client(LDS, { mode: "SotW", carrier: "ADS" });
  for (const type of [LDS, RDS, CDS, EDS]) {
    client.ask(type, "service");
    expect(await client.accept()).toMatchObject({ typeUrl: type.typeUrl, names: ["service"] });
  }
  // A second target over the same stream.
  for (const type of [LDS, RDS, CDS, EDS]) {
    client.ask(type, "other");
    const { typeUrl, names } = await client.accept();
    expect([typeUrl, names.includes("other")]).toEqual([type.typeUrl, true]);
  }
  await client.silence();
});

if (can("xdstp")) {
  const authority = "xdstp://authority.example/envoy.config.endpoint.v3.ClusterLoadAssignment";

  describe.each(modes)("%s over ADS", (mode) => {
    test("rule 63: the order of context parameters does not matter", async () => {
      await using world = await startWorld([EDS.build(`${authority}/one?a=1&b=2`)]);
      const client = world.client(EDS, { mode, carrier: "ADS" });
      client.ask(EDS, `${authority}/one?b=2&a=1`);
      expect((await client.accept()).names).toHaveLength(1);
      await world.put(EDS.build(`${authority}/one?a=1&b=2`, 2));
      expect((await client.accept()).names).toHaveLength(1);
    });
  });

  test("rule 63: a glob is all resources of its collection, now and later", async () => {
    await using world = await startWorld([EDS.build(`${authority}/set/a`), EDS.build(`${authority}/other/a`)]);
    const stream = world.delta(EDS);
    stream.send({ node, typeUrl: EDS.typeUrl, resourceNamesSubscribe: [`${authority}/set/*`] });
    expect(said(await stream.accept())).toEqual([[`${authority}/set/a`], []]);
    await world.put(EDS.build(`${authority}/set/b`), EDS.build(`${authority}/other/b`));
    expect(said(await stream.accept())).toEqual([[`${authority}/set/b`], []]);
    await world.drop(EDS, `${authority}/set/a`);
    expect(said(await stream.accept())).toEqual([[], [`${authority}/set/a`]]);
    stream.send({ typeUrl: EDS.typeUrl, resourceNamesUnsubscribe: [`${authority}/set/*`] });
    await stream.silence();
    await world.put(EDS.build(`${authority}/set/b`, 2));
    await stream.silence();
  });

  test("rule 63: a glob that holds nothing is told as removed", async () => {
    await using world = await startWorld();
    const stream = world.delta(EDS);
    const glob = `${authority}/empty/*`;
    stream.send({ node, typeUrl: EDS.typeUrl, resourceNamesSubscribe: [glob] });
    expect(said(await stream.accept())).toEqual([[], [glob]]);
  });
}
