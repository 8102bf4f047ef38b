import fc from "fast-check";
import { KINDS, type Kind, type Sample } from "./samples.js";

/** One of the clients of a history. */
export interface ClientSpec {
  readonly protocol: "sotw" | "delta";
  /** Which view: `""` shows everything, others what their scope shows. */
  readonly key: "" | "x" | "y";
  /** One stream for all kinds, or one for each. */
  readonly aggregated: boolean;
}

/** A change of what a client asks for. */
export interface WantStep {
  readonly do: "want";
  readonly client: number;
  readonly kind: Kind;
  readonly add: readonly string[];
  readonly drop: readonly string[];
  /** Whether the wildcard `*` is added or dropped. */
  readonly star: "keep" | "on" | "off";
}

/** How a client rejects its next response. */
export interface Rejection {
  /** Whom its words blame: nobody, the first resource, or all. */
  readonly blame: "nobody" | "first" | "all";
  /** Whether it uses the resources that it does not blame all the same, as Envoy does with clusters. */
  readonly partly: boolean;
}

/** Something that happens. */
export type Step =
  | {
      readonly do: "publish";
      readonly set: readonly Sample[];
      readonly drop: readonly Omit<Sample, "value">[];
      readonly anew: boolean;
    }
  | { readonly do: "publish-invalid"; readonly how: "duplicate" | "port" }
  | {
      readonly do: "scope";
      readonly key: "x" | "y";
      readonly shown: Readonly<Partial<Record<Kind, "all" | readonly string[]>>>;
    }
  | WantStep
  | { readonly do: "ask-again"; readonly client: number; readonly kind: Kind; readonly name: string }
  | ({ readonly do: "reject"; readonly client: number; readonly kind: Kind } & Rejection)
  | { readonly do: "delay-answers"; readonly client: number }
  | { readonly do: "answer"; readonly client: number; readonly newestOnly: boolean }
  | { readonly do: "stall"; readonly client: number }
  | { readonly do: "read"; readonly client: number }
  | { readonly do: "leave"; readonly client: number }
  | { readonly do: "connect"; readonly client: number; readonly forget: boolean }
  | { readonly do: "turns"; readonly count: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "settle" };

/** All that happens to one server. */
export interface History {
  readonly clients: readonly ClientSpec[];
  /** Whether the configuration comes from an Observable or from a store that is updated by hand. */
  readonly base: "observable" | "store";
  /** How much time passes at each look at the clock, in ms. */
  readonly lookMs: number;
  readonly steps: readonly Step[];
}

const NAMES = ["a", "b", "c"] as const;
const LAST_VALUE = 2;

const kind = fc.constantFrom(...KINDS);
const name = fc.constantFrom(...NAMES);
const names = fc.uniqueArray(name, { maxLength: 3 });
const value = fc.nat(LAST_VALUE);
const sample = fc.record({ kind, name, value });
const scope = fc.record(
  Object.fromEntries(
    KINDS.map((one) => [
      one,
      fc.oneof({ weight: 5, arbitrary: names }, { weight: 1, arbitrary: fc.constant("all" as const) }),
    ]),
  ),
  { requiredKeys: [] },
);

/** A client by its number, which is taken modulo the number of clients: so both can shrink. */
const client = fc.nat(3);

function step(): fc.Arbitrary<Step> {
  const record = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(fields);
  return fc.oneof(
    {
      weight: 8,
      arbitrary: record<Extract<Step, { do: "publish" }>>({
        do: fc.constant("publish"),
        set: fc.array(sample, { maxLength: 4 }),
        drop: fc.array(fc.record({ kind, name }), { maxLength: 2 }),
        anew: fc.boolean(),
      }),
    },
    {
      weight: 8,
      arbitrary: record<WantStep>({
        do: fc.constant("want"),
        client,
        kind,
        add: names,
        drop: names,
        star: fc.constantFrom("keep", "keep", "keep", "on", "off"),
      }),
    },
    {
      weight: 1,
      arbitrary: record<Extract<Step, { do: "ask-again" }>>({ do: fc.constant("ask-again"), client, kind, name }),
    },
    {
      weight: 3,
      arbitrary: record<Extract<Step, { do: "reject" }>>({
        do: fc.constant("reject"),
        client,
        kind,
        blame: fc.constantFrom("nobody", "first", "all"),
        partly: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: record<Extract<Step, { do: "delay-answers" }>>({ do: fc.constant("delay-answers"), client }),
    },
    {
      weight: 2,
      arbitrary: record<Extract<Step, { do: "answer" }>>({
        do: fc.constant("answer"),
        client,
        newestOnly: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: record<Extract<Step, { do: "stall" }>>({ do: fc.constant("stall"), client }) },
    { weight: 1, arbitrary: record<Extract<Step, { do: "read" }>>({ do: fc.constant("read"), client }) },
    { weight: 1, arbitrary: record<Extract<Step, { do: "leave" }>>({ do: fc.constant("leave"), client }) },
    {
      weight: 2,
      arbitrary: record<Extract<Step, { do: "connect" }>>({ do: fc.constant("connect"), client, forget: fc.boolean() }),
    },
    {
      weight: 4,
      arbitrary: record<Extract<Step, { do: "turns" }>>({
        do: fc.constant("turns"),
        count: fc.integer({ min: 1, max: 3 }),
      }),
    },
    {
      weight: 2,
      arbitrary: record<Extract<Step, { do: "wait" }>>({
        do: fc.constant("wait"),
        ms: fc.constantFrom(120, 120, 50, 50, 61_000),
      }),
    },
    { weight: 2, arbitrary: fc.constant<Step>({ do: "settle" }) },
    {
      weight: 2,
      arbitrary: record<Extract<Step, { do: "scope" }>>({
        do: fc.constant("scope"),
        key: fc.constantFrom("x", "y"),
        shown: scope,
      }),
    },
    {
      weight: 1,
      arbitrary: record<Extract<Step, { do: "publish-invalid" }>>({
        do: fc.constant("publish-invalid"),
        how: fc.constantFrom("duplicate", "port"),
      }),
    },
  );
}

/** Histories of a few clients and at most so many steps. */
export function histories(mostSteps: number): fc.Arbitrary<History> {
  const spec = fc.record<ClientSpec>({
    protocol: fc.constantFrom("delta", "sotw"),
    key: fc.constantFrom("", "", "x", "y"),
    aggregated: fc.constantFrom(true, true, true, false),
  });
  const history = fc.record<History>({
    clients: fc.array(spec, { minLength: 1, maxLength: 4 }),
    base: fc.constantFrom("observable", "store"),
    lookMs: fc.constantFrom(0, 0.4),
    steps: fc.array(step(), { maxLength: mostSteps, size: "max" }),
  });
  const focus = fc.subarray([...KINDS], { minLength: 1 });
  return fc
    .tuple(history, focus)
    .map(([drawn, kinds]) => ({ ...drawn, steps: drawn.steps.map((one) => onto(one, kinds)) }));
}

/** The same step with other kinds: histories of few kinds go deeper. */
function onto(one: Step, kinds: readonly Kind[]): Step {
  const place = (from: Kind): Kind => (kinds.includes(from) ? from : kinds[KINDS.indexOf(from) % kinds.length]!);
  if (one.do === "publish") {
    const set = one.set.map((sample) => ({ ...sample, kind: place(sample.kind) }));
    return { ...one, set, drop: one.drop.map((key) => ({ ...key, kind: place(key.kind) })) };
  }
  return "kind" in one ? { ...one, kind: place(one.kind) } : one;
}
