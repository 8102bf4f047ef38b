import { describe, expect, test } from "vitest";
import { type Delta, namesOf, node } from "../support/streams.js";
import { can, splitBytes } from "../support/target.js";
import { CDS, EDS } from "../support/types.js";
import { carriers } from "../support/variants.js";
import { startWorld } from "../support/world.js";

/** Clusters that are too many for one response. */
function tooMany() {
  const one = CDS.build("cluster-00000").value.length;
  const count = Math.ceil((3 * splitBytes) / one);
  return Array.from({ length: count }, (_, n) => CDS.build(`cluster-${String(n).padStart(5, "0")}`));
}

/** Takes responses until so many resources came, and accepts each. */
async function gather(stream: Delta, count: number): Promise<{ names: string[]; sizes: number[] }> {
  const names: string[] = [];
  const sizes: number[] = [];
  while (names.length < count) {
    const response = await stream.accept();
    names.push(...namesOf(response));
    sizes.push(response.resources.reduce((sum, { resource }) => sum + (resource?.value.length ?? 0), 0));
  }
  return { names, sizes };
}

test("rule 44: a set is complete after however many responses", async () => {
  const items = Array.from({ length: 50 }, (_, n) => CDS.build(`cluster-${n}`));
  await using world = await startWorld(items);
  const stream = world.delta(CDS);
  stream.send({ node, typeUrl: CDS.typeUrl });
  const { names } = await gather(stream, items.length);
  expect(names.sort()).toEqual(items.map(({ name }) => name).sort());
  await stream.silence();
});

if (can("split")) {
  describe.each(carriers)("delta over %s", (carrier) => {
    test("rule 44: a large set arrives in several responses, each name once", async () => {
      const items = tooMany();
      await using world = await startWorld(items);
      const stream = world.delta(CDS, carrier);
      stream.send({ node, typeUrl: CDS.typeUrl });
      const { names, sizes } = await gather(stream, items.length);
      expect(names.sort()).toEqual(items.map(({ name }) => name));
      expect(sizes.length).toBeGreaterThan(1);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(splitBytes);
      await stream.silence();
    });
  });

  test("rule 44: what is small goes on while a large set is split", async () => {
    const items = tooMany();
    await using world = await startWorld([...items, EDS.build("a")]);
    const stream = world.delta(CDS);
    stream.send({ node, typeUrl: CDS.typeUrl });
    stream.send({ typeUrl: EDS.typeUrl, resourceNamesSubscribe: ["a"] });
    expect(namesOf(await stream.nextOfType(EDS.typeUrl))).toEqual(["a"]);
  });
}
