import fc from "fast-check";
import type { ClientSpec, History, Oddity, Shown, SnapshotChange, Step, WantChange } from "./history.js";
import { KINDS, type Kind } from "./samples.js";

const NAMES = ["a", "b", "c"] as const;
const LAST_VALUE = 2;

const client = fc.nat(3);
const kind = fc.constantFrom(...KINDS);
const name = fc.constantFrom(...NAMES);
const names = fc.uniqueArray(name, { maxLength: 3 });
const sample = fc.record({ kind, name, value: fc.nat(LAST_VALUE) });
const shownNames = fc.oneof({ weight: 5, arbitrary: names }, { weight: 1, arbitrary: fc.constant("all" as const) });
const shown: fc.Arbitrary<Shown> = fc.record(Object.fromEntries(KINDS.map((one) => [one, shownNames])), {
  requiredKeys: [],
});
const snapshotChange: fc.Arbitrary<SnapshotChange> = fc.record({
  set: fc.array(sample, { maxLength: 4 }),
  drop: fc.array(fc.record({ kind, name }), { maxLength: 2 }),
  anew: fc.boolean(),
});
const wantChange: fc.Arbitrary<WantChange> = fc.record({
  kind,
  add: names,
  drop: names,
  star: fc.constantFrom("keep", "keep", "keep", "on", "off"),
  style: fc.constantFrom("plain", "plain", "plain", "twice", "in one breath"),
});

/** Great floods and broken streams are rare: they cost much, or end much. */
const oddity: fc.Arbitrary<Oddity> = fc.oneof(
  {
    weight: 100,
    arbitrary: fc.constantFrom(
      "stale ACK",
      "stale NACK",
      "unknown nonce",
      "NACK of what was answered",
      "ACK of what was answered",
      "second node",
      "unsubscribe from what was never asked for",
      "flood",
    ),
  },
  { weight: 15, arbitrary: fc.constantFrom("unknown type", "garbage") },
  { weight: 1, arbitrary: fc.constant("great flood") },
);

type Fields<Do extends Step["do"]> = {
  [K in Exclude<keyof Extract<Step, { do: Do }>, "do">]: fc.Arbitrary<Extract<Step, { do: Do }>[K]>;
};

/** Steps of one sort. */
function some<Do extends Step["do"]>(weight: number, what: Do, fields: Fields<Do>): fc.WeightedArbitrary<Step> {
  const arbitrary = fc.record({ do: fc.constant(what), ...fields });
  return { weight, arbitrary: arbitrary as unknown as fc.Arbitrary<Step> };
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: snapshotChange.map((change): Step => ({ do: "publish", ...change })) },
  {
    weight: 8,
    arbitrary: fc.tuple(client, wantChange).map(([who, change]): Step => ({ do: "want", client: who, ...change })),
  },
  some(1, "ask-again", { client, kind, name }),
  some(3, "reject", {
    client,
    kind,
    blame: fc.constantFrom("nobody", "first", "all"),
    partly: fc.boolean(),
  }),
  some(3, "poison", {
    client,
    content: sample,
    blame: fc.constantFrom("nobody", "nobody", "first", "all"),
    partly: fc.boolean(),
  }),
  some(2, "delay-answers", { client }),
  some(2, "answer", { client, newestOnly: fc.boolean(), reversed: fc.constantFrom(false, false, true) }),
  some(1, "stall", { client }),
  some(1, "read", { client }),
  some(1, "leave", { client, how: fc.constantFrom("reset", "half-close", "in the middle") }),
  some(4, "odd", { client, kind, what: oddity }),
  some(4, "connect", {
    client,
    forget: fc.constantFrom(false, false, true),
    wants: fc.array(wantChange, { maxLength: 2 }),
    publish: fc.array(snapshotChange, { maxLength: 1 }),
  }),
  some(4, "turns", { count: fc.integer({ min: 1, max: 3 }) }),
  some(2, "wait", { ms: fc.constantFrom(120, 120, 50, 50, 61_000) }),
  some(2, "settle", {}),
  some(2, "scope", { key: fc.constantFrom("x", "y"), shown }),
  some(1, "publish-invalid", { how: fc.constantFrom("duplicate", "port") }),
);

const clientSpec: fc.Arbitrary<ClientSpec> = fc.record({
  protocol: fc.constantFrom("delta", "sotw"),
  key: fc.constantFrom("", "", "x", "y"),
  aggregated: fc.constantFrom(true, true, true, false),
  pace: fc.constantFrom("burst", "slow"),
});

/** Histories of a few clients, a few kinds of resource and at most so many steps. */
export function histories(mostSteps: number): fc.Arbitrary<History> {
  const history: fc.Arbitrary<History> = fc.record({
    // One or two, mostly: so more happens to each.
    clients: fc.oneof(
      { weight: 3, arbitrary: fc.array(clientSpec, { minLength: 1, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.array(clientSpec, { minLength: 3, maxLength: 4 }) },
    ),
    base: fc.constantFrom("observable", "store"),
    lookMs: fc.constantFrom(0, 0.4),
    // A single resource, about two, or all.
    responseBytes: fc.constantFrom(1, 400, 4_000_000, 4_000_000),
    steps: fc.array(step, { maxLength: mostSteps, size: "max" }),
  });
  // Drawn beside the steps and not before them, so that both can shrink.
  const focus = fc.oneof(
    { weight: 2, arbitrary: fc.subarray([...KINDS], { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.subarray([...KINDS], { minLength: 2, maxLength: 3 }) },
  );
  return fc
    .tuple(history, focus)
    .map(([drawn, kinds]) => ({ ...drawn, steps: drawn.steps.map((one) => onto(one, kinds)) }));
}

/** The same step with other kinds: histories of few kinds go deeper. */
function onto(one: Step, kinds: readonly Kind[]): Step {
  const place = <T extends { readonly kind: Kind }>(of: T): T => {
    const other = kinds[KINDS.indexOf(of.kind) % kinds.length]!;
    return { ...of, kind: kinds.includes(of.kind) ? of.kind : other };
  };
  const placed = <T extends SnapshotChange>(change: T): T => ({
    ...change,
    set: change.set.map(place),
    drop: change.drop.map(place),
  });
  if (one.do === "publish") return placed(one);
  if (one.do === "connect") return { ...one, wants: one.wants.map(place), publish: one.publish.map(placed) };
  if (one.do === "poison") return { ...one, content: place(one.content) };
  return "kind" in one ? place(one) : one;
}
