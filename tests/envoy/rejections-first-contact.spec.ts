import { eventually, type Upstream, upstream } from "@rxds/testkit";
import { createSnapshot, edit } from "rxds";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, withLab } from "./lab.js";
import type { RejectionKind } from "./rejection-kinds.js";
import {
  allOf,
  counts,
  frame,
  inForce,
  main,
  NAMES,
  quarantined,
  rejectionCases,
  settledCounts,
} from "./rejection-lab.js";

const BAD = ["shop", "wiki"];
const GOOD = NAMES.filter((name) => !BAD.includes(name));

/** A port that is taken. */
let busy: Upstream;
beforeAll(async () => {
  busy = await upstream({ name: "busy" });
});
afterAll(() => busy.stop());

/** The good ones are in force, and the bad ones are known. */
async function found(lab: Lab, kind: RejectionKind): Promise<void> {
  await eventually(() => expect(quarantined(lab, kind.of.type)).toEqual(BAD));
  const good = Object.fromEntries(GOOD.map((name) => [name, "1"]));
  await eventually(async () => expect(await inForce(lab, kind)).toEqual(good));
  await eventually(async () => expect((await lab.get()).body).toBe("one"));
}

const cases = rejectionCases.filter(([, { once }]) => !once);

test.each(cases)("%s: they are found when Envoy starts with them, and again after a restart", async (_, kind) => {
  const { of, mode } = kind;
  const bad = await Promise.all(BAD.map((name) => kind.bad(name, busy.port)));
  const first = createSnapshot([...frame(kind, NAMES), main("one"), ...(await allOf(kind, GOOD, "1")), ...bad]);
  await withLab({ mode, first, partial: true }, async (lab) => {
    const { emit, restart, server } = lab;
    await found(lab, kind);
    await restart();
    await found(lab, kind);
    const settled = await settledCounts(lab, of.type);

    const mended = await allOf(kind, BAD, "2");
    const second = edit(first, (draft) => draft.set(...mended));
    await emit(second);
    expect(server().clients()).toHaveLength(1);
    const all = Object.fromEntries(NAMES.map((name) => [name, BAD.includes(name) ? "2" : "1"]));
    await eventually(async () => expect(await inForce(lab, kind)).toEqual(all));
    expect(counts(lab, of.type).rejected).toBe(settled.rejected);
  });
});
