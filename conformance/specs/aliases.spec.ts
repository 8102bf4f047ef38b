import { describe, expect, test } from "vitest";
import { type Delta, node, said } from "../support/streams.js";
import { can } from "../support/target.js";
import { RDS, VHDS } from "../support/types.js";
import { carriers } from "../support/variants.js";
import { startWorld } from "../support/world.js";

const host = (revision = 1) => ({
  ...VHDS.build("main/a", revision),
  aliases: ["main/a.example.com", "main/a.example"],
});
const accept = async (stream: Delta) => said(await stream.accept());

describe.each(carriers)("delta over %s", (carrier) => {
  test("rule 58: a virtual host is got by its full name", async () => {
    await using world = await startWorld([VHDS.build("main/a")]);
    const stream = world.delta(VHDS, carrier);
    stream.send({ node, typeUrl: VHDS.typeUrl, resourceNamesSubscribe: ["main/a"] });
    expect(await accept(stream)).toEqual([["main/a"], []]);
  });
});

if (can("aliases")) {
  describe.each(carriers)("delta over %s", (carrier) => {
    test("rule 46: a resource is got by an alias, and carries its name and aliases", async () => {
      await using world = await startWorld([host()]);
      const stream = world.delta(VHDS, carrier);
      stream.send({ node, typeUrl: VHDS.typeUrl, resourceNamesSubscribe: ["main/a.example.com"] });
      const response = await stream.accept();
      expect(response.resources).toMatchObject([
        { name: "main/a", aliases: expect.arrayContaining(["main/a.example.com"]) },
      ]);
      await world.put(host(2));
      expect(await accept(stream)).toEqual([["main/a"], []]);
    });

    test("rule 46: the resource's name, or another alias, unsubscribes from what an alias subscribed to", async () => {
      await using world = await startWorld([host(), VHDS.build("main/b")]);
      for (const other of ["main/a", "main/a.example"]) {
        const stream = world.delta(VHDS, carrier);
        stream.send({ node, typeUrl: VHDS.typeUrl, resourceNamesSubscribe: ["main/a.example.com"] });
        expect(await accept(stream)).toEqual([["main/a"], []]);
        stream.send({ typeUrl: VHDS.typeUrl, resourceNamesUnsubscribe: [other] });
        await stream.silence();
        await world.put(host(2));
        await stream.silence();
        await world.put(host());
      }
    });

    test("rule 46: unsubscribing an alias ends what subscribing it began", async () => {
      await using world = await startWorld([host(), VHDS.build("main/b")]);
      const stream = world.delta(VHDS, carrier);
      stream.send({ node, typeUrl: VHDS.typeUrl, resourceNamesSubscribe: ["main/a.example.com"] });
      expect(await accept(stream)).toEqual([["main/a"], []]);
      stream.send({ typeUrl: VHDS.typeUrl, resourceNamesUnsubscribe: ["main/a.example.com"] });
      await stream.silence();
      await world.put(host(2));
      // What is asked for next is all that is answered.
      stream.send({ typeUrl: VHDS.typeUrl, resourceNamesSubscribe: ["main/b"] });
      expect((await stream.accept()).resources.map(({ name }) => name)).toEqual(["main/b"]);
    });
  });
}

if (can("vhds")) {
  describe.each(carriers)("delta over %s", (carrier) => {
    test("rule 58: a host that nobody has is answered with its name and alias and no body, never as removed", async () => {
      await using world = await startWorld([host()]);
      const stream = world.delta(VHDS, carrier);
      stream.send({ node, typeUrl: VHDS.typeUrl, resourceNamesSubscribe: ["main/unknown.example.com"] });
      const response = await stream.accept();
      expect(response.removedResources).toEqual([]);
      expect(response.resources).toMatchObject([
        { name: "main/unknown.example.com", aliases: ["main/unknown.example.com"] },
      ]);
      expect(response.resources[0]?.resource).toBeUndefined();
      await world.put({ ...VHDS.build("main/unknown"), aliases: ["main/unknown.example.com"] });
      const found = await stream.accept();
      expect(found.resources).toMatchObject([
        { name: "main/unknown", aliases: ["main/unknown.example.com"], resource: { typeUrl: VHDS.typeUrl } },
      ]);
    });

    test("rule 58: the response for a host repeats the name that was asked for as an alias", async () => {
      await using world = await startWorld([host()]);
      const stream = world.delta(VHDS, carrier);
      stream.send({ node, typeUrl: VHDS.typeUrl, resourceNamesSubscribe: ["main/a.example"] });
      const { resources } = await stream.accept();
      expect(resources.map(({ aliases }) => aliases.includes("main/a.example"))).toEqual([true]);
    });
  });

  test("rule 58: virtual hosts go again after their route configuration has changed", async () => {
    await using world = await startWorld([RDS.build("main"), host()]);
    const stream = world.delta(VHDS);
    stream.send({ node, typeUrl: RDS.typeUrl, resourceNamesSubscribe: ["main"] });
    expect(await accept(stream)).toEqual([["main"], []]);
    stream.send({ typeUrl: VHDS.typeUrl, resourceNamesSubscribe: ["main/a.example.com"] });
    expect(await accept(stream)).toEqual([["main/a"], []]);
    await world.put(RDS.build("main", 2));
    expect((await stream.accept()).typeUrl).toBe(RDS.typeUrl);
    const again = await stream.accept();
    expect([again.typeUrl, ...said(again)]).toEqual([VHDS.typeUrl, ["main/a"], []]);
  });
}
