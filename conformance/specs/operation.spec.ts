import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { ping, settings } from "../support/http2.js";
import { endOf, namesOf, node, said } from "../support/streams.js";
import { can, control } from "../support/target.js";
import { CDS, EDS, LDS, RDS } from "../support/types.js";
import { modes, variants } from "../support/variants.js";
import { startWorld } from "../support/world.js";

describe.each(modes)("%s over ADS", (mode) => {
  test("rule 73: a first request of more than 4 MB is taken", async () => {
    await using world = await startWorld([EDS.build("a")]);
    // As long as those of an Envoy that reconnects with tens of thousands of names.
    const many = Array.from({ length: 20_000 }, (_, n) => `${"x".repeat(250)}-${n}`);
    if (mode === "delta") {
      const stream = world.delta(EDS);
      stream.send({ node, typeUrl: EDS.typeUrl, resourceNamesSubscribe: [...many, "a"] });
      const response = await stream.accept();
      expect([namesOf(response), response.removedResources.length]).toEqual([["a"], many.length]);
    } else {
      const stream = world.sotw(EDS);
      stream.send({ node, typeUrl: EDS.typeUrl, resourceNames: [...many, "a"] });
      expect(namesOf(await stream.accept())).toEqual(["a"]);
    }
  });

  test("rule 74: a client that reads late gets the newest, not all that happened", async () => {
    const big = (revision: number) =>
      Array.from({ length: 400 }, (_, n) => CDS.build(`${"c".repeat(200)}-${n}`, revision));
    await using world = await startWorld(big(1));
    const client = world.client(CDS, { mode, carrier: "ADS" });
    client.ask(CDS);
    await client.accept();
    client.pause();
    const last = 40;
    for (let revision = 2; revision <= last; revision++) await world.put(...big(revision));
    await world.put(CDS.build("last"));
    client.resume();
    let responses = 1;
    while (!(await client.accept()).names.includes("last")) responses++;
    expect(responses).toBeLessThan(last / 2);
  });

  test("rule 77: a state that is given again is nothing new", async () => {
    await using world = await startWorld([CDS.build("a"), EDS.build("a"), LDS.build("a")]);
    const client = world.client(CDS, { mode, carrier: "ADS" });
    client.ask(CDS);
    await client.accept();
    client.ask(EDS, "a");
    await client.accept();
    client.ask(LDS);
    await client.accept();
    await world.repeat();
    await client.silence();
  });

  test("rule 77: a client that half-closes is let go", async () => {
    await using world = await startWorld([CDS.build("a")]);
    const stream = mode === "delta" ? world.delta(CDS) : world.sotw(CDS);
    stream.send({ node, typeUrl: CDS.typeUrl });
    await stream.next();
    stream.halfClose();
    expect((await endOf(stream)).code).toBe(status.OK);
  });

  if (can("restart")) {
    test("rule 15, rule 40: after a restart of the server a client that holds everything is sent nothing", async () => {
      await using world = await startWorld([CDS.build("a"), CDS.build("b")]);
      const before = mode === "delta" ? world.delta(CDS) : world.sotw(CDS);
      before.send({ node, typeUrl: CDS.typeUrl });
      const response = await before.next();
      await control.restart();
      expect((await endOf(before)).code).toBe(status.UNAVAILABLE);
      if ("versionInfo" in response) {
        const stream = world.sotw(CDS);
        stream.send({ node, typeUrl: CDS.typeUrl, versionInfo: response.versionInfo });
        await stream.silence();
      } else {
        const stream = world.delta(CDS);
        const held = response.resources.map(({ name, version }) => [name, version]);
        stream.send({ node, typeUrl: CDS.typeUrl, initialResourceVersions: Object.fromEntries(held) });
        stream.send({ typeUrl: RDS.typeUrl, resourceNamesSubscribe: ["silence-0"] });
        await stream.nextOfType(RDS.typeUrl);
        // A wildcard may be answered all the same, but with nothing.
        const answers = stream.received.filter(({ typeUrl }) => typeUrl === CDS.typeUrl);
        expect(answers.flatMap(said)).toEqual(answers.flatMap(() => [[], []]));
      }
    });
  }
});

test("rule 75: a ping is answered", async () => {
  expect(await ping()).toBeGreaterThanOrEqual(0);
});

test("rule 76: a connection may have many streams, one for each name of a client that is not aggregated", async () => {
  const { maxConcurrentStreams = Number.POSITIVE_INFINITY } = await settings();
  expect(maxConcurrentStreams).toBeGreaterThanOrEqual(500);
});

describe.each(variants)("%s", (_, variant) => {
  test("rule 76: streams of one client do not disturb each other", async () => {
    await using world = await startWorld([EDS.build("a"), EDS.build("b")]);
    const [one, two] = [world.client(EDS, variant), world.client(EDS, variant)];
    one.ask(EDS, "a");
    two.ask(EDS, "b");
    expect([(await one.accept()).names, (await two.accept()).names]).toEqual([["a"], ["b"]]);
    await world.put(EDS.build("b", 2));
    expect((await two.accept()).names).toEqual(["b"]);
    await one.silence();
  });
});
