import { eventually, type Upstream, upstream } from "@rxds/testkit";
import { createResource, createSnapshot, edit, typeUrls } from "rxds";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NODE_ID, withLab } from "./lab.js";
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
import { aCluster } from "./rejection-types.js";

/** A server answers a rejection by looking for the culprits: with so many responses at most. */
const MOST_SENT = 12;

/** A port that is taken. */
let busy: Upstream;
beforeAll(async () => {
  busy = await upstream({ name: "busy" });
});
afterAll(() => busy.stop());

test.each(rejectionCases)("%s: the culprits are found, and nothing else suffers", async (_, kind) => {
  const { of, mode } = kind;
  const { type } = of;
  const known = of.wildcard ? NAMES.filter((name) => name !== "wiki") : NAMES;
  const culprits = ["shop", "wiki"];
  const good = ["web", "a", "blog"];
  const first = createSnapshot([...frame(kind, known), main("one"), ...(await allOf(kind, known, "1"))]);
  await withLab({ mode, first }, async (lab) => {
    const { next, emit, get, server, events } = lab;
    const body = async () => (await get()).body;
    const before = Object.fromEntries(known.map((name) => [name, "1"]));
    await eventually(async () => expect(await inForce(lab, kind)).toEqual(before));
    const quiet = counts(lab, type);

    const bad = (await Promise.all(culprits.map((name) => kind.bad(name, busy.port)))).map((item) =>
      "$typeName" in item ? createResource(item) : item,
    );
    const others = await allOf(kind, good, "2");
    const second = edit(first, (draft) => draft.set(...bad, ...others, main("two")));
    next(second);
    await eventually(() => expect(quarantined(lab, type)).toEqual(culprits));
    const after = { ...before, ...Object.fromEntries(good.map((name) => [name, "2"])) };
    await eventually(async () => expect(await inForce(lab, kind)).toEqual(after));
    await eventually(async () => expect(await body()).toBe("two"));
    const said = events.filter((event) => event.kind === "rejected").map(({ detail }) => detail);
    if (type !== typeUrls.secret) expect(said.join("\n")).toMatch(kind.words);
    for (const { name, version } of bad) {
      const about = events.filter((event) => event.kind === "quarantined" && event.name === name);
      expect(about).toEqual([expect.objectContaining({ type, name, version, node: { id: NODE_ID, cluster: "c" } })]);
    }

    // Another type goes on, and when that has arrived nothing of this one was sent again.
    const settled = await settledCounts(lab, type);
    expect(settled.sent - quiet.sent).toBeLessThanOrEqual(MOST_SENT);
    const elsewhere = type === typeUrls.cluster ? main("three") : aCluster("elsewhere", "1");
    const third = edit(second, (draft) => draft.set(elsewhere));
    next(third);
    const arrived = createResource(elsewhere);
    await server().holds(NODE_ID, arrived.type, arrived.name, { version: arrived.version });
    expect(counts(lab, type)).toEqual(settled);

    // A change of the same type brings one response, and not those that are in quarantine.
    const web = await allOf(kind, ["web"], "3");
    const changed = edit(third, (draft) => draft.set(...web));
    next(changed);
    await server().holds(NODE_ID, type, "web", { version: changed.get(type, "web")!.version });
    await eventually(async () => expect(await inForce(lab, kind)).toEqual({ ...after, web: "3" }));
    expect(counts(lab, type)).toEqual({ ...settled, sent: settled.sent + 1 });
    expect(quarantined(lab, type)).toEqual(culprits);

    const mended = await allOf(kind, culprits, "4");
    await emit(edit(changed, (draft) => draft.set(...mended)));
    const whole = { ...after, web: "3", ...Object.fromEntries(culprits.map((name) => [name, "4"])) };
    await eventually(async () => expect(await inForce(lab, kind)).toEqual(whole));
    expect(quarantined(lab, type)).toEqual([]);
    expect(counts(lab, type).rejected).toBe(settled.rejected);
  });
});
