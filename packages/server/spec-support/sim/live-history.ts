import fc from "fast-check";
import { type Configuration, cluster, configuration, LATE, listener, routeConfig } from "./configuration.js";
import type { SimProtocol } from "./sim-messages.js";

/** A change of a configuration: the part at a place becomes another. */
export type LiveEdit =
  | {
      readonly part: "cluster";
      readonly at: number;
      readonly to: Configuration["clusters"][number];
      /** Rejected by clients. */
      readonly bad: boolean;
      /** Without endpoints for now, where it may be. */
      readonly unfed: boolean;
    }
  | { readonly part: "routes"; readonly at: number; readonly to: Configuration["routes"][number] }
  | { readonly part: "listener"; readonly at: number; readonly to: Configuration["listeners"][number] }
  | { readonly part: "secret"; readonly at: number; readonly to: number }
  | { readonly part: "fixed"; readonly to: NonNullable<Configuration["fixed"]> }
  | { readonly part: "all"; readonly to: Configuration };

/** What happens. */
export type LiveStep =
  /** The configuration changes; at once after another one when nothing is in between. */
  | { readonly do: "publish"; readonly edits: readonly LiveEdit[] }
  | { readonly do: "wait"; readonly ms: number }
  /** The next message, of either side, takes so much longer, and what is behind it too. */
  | { readonly do: "lag"; readonly ms: number }
  /** The stream is lost; another one is opened after a while. */
  | { readonly do: "reconnect"; readonly downMs: number };

/** Plain data: it can be played as it is printed. */
export interface LiveHistory {
  readonly protocol: SimProtocol;
  readonly first: Configuration;
  readonly steps: readonly LiveStep[];
  /** How long messages take, in ms, one after the other and again from the beginning. */
  readonly delays: readonly number[];
}

const rarely = fc.nat(7).map((n) => n === 7);
const edit: fc.Arbitrary<LiveEdit> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      part: fc.constant("cluster" as const),
      at: fc.nat(4),
      to: cluster,
      bad: rarely,
      unfed: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ part: fc.constant("routes" as const), at: fc.nat(2), to: routeConfig }) },
  { weight: 3, arbitrary: fc.record({ part: fc.constant("listener" as const), at: fc.nat(2), to: listener }) },
  { weight: 1, arbitrary: fc.record({ part: fc.constant("secret" as const), at: fc.nat(1), to: fc.nat(1) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      part: fc.constant("fixed" as const),
      to: fc.record({ value: fc.nat(1), bad: rarely, badRoutes: rarely }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ part: fc.constant("all" as const), to: configuration }) },
);

const publish = fc.record({
  do: fc.constant("publish" as const),
  edits: fc.array(edit, { minLength: 1, maxLength: 4 }),
});
const wait = fc.record({
  do: fc.constant("wait" as const),
  ms: fc.oneof(fc.nat(300), fc.nat(6000), fc.constant(20_000)),
});
const lag = fc.record({ do: fc.constant("lag" as const), ms: fc.nat(2000) });
const reconnect = fc.record({ do: fc.constant("reconnect" as const), downMs: fc.nat(1000) });

/** Any histories with at most so many steps. */
export function liveHistories(maxSteps: number): fc.Arbitrary<LiveHistory> {
  const common = { first: configuration, delays: fc.array(fc.nat(120), { minLength: 1, maxLength: 12 }) };
  const steps = (...more: fc.WeightedArbitrary<LiveStep>[]) =>
    fc.array(
      fc.oneof<fc.WeightedArbitrary<LiveStep>[]>(
        { weight: 5, arbitrary: publish },
        { weight: 4, arbitrary: wait },
        { weight: 1, arbitrary: lag },
        ...more,
      ),
      { minLength: 1, maxLength: maxSteps },
    );
  return fc.oneof(
    fc.record({
      ...common,
      protocol: fc.constant("delta" as const),
      steps: steps({ weight: 1, arbitrary: reconnect }),
    }),
    fc.record({ ...common, protocol: fc.constant("sotw" as const), steps: steps() }),
  );
}

const FIXED = { value: 0, bad: false, badRoutes: false };

/** The configuration that a history begins with. */
export const firstOf = ({ first }: LiveHistory): Configuration => normal({ ...first, fixed: FIXED });

/** All that was wrong is right, and all that was missing is there. */
export function repaired({ fixed = FIXED, ...rest }: Configuration): Configuration {
  return { ...rest, badClusters: [], unfed: [], fixed: { ...FIXED, value: fixed.value } };
}

/** A configuration after a change. */
export function edited(from: Configuration, change: LiveEdit): Configuration {
  const put = <T>(list: readonly T[], at: number, to: T) => list.map((one, i) => (i === at ? to : one));
  const mark = (list: readonly number[] = [], at: number, is: boolean) => [
    ...list.filter((one) => one !== at),
    ...(is ? [at] : []),
  ];
  switch (change.part) {
    case "cluster": {
      const { at, to, bad, unfed } = change;
      const clusters = put(from.clusters, at, to);
      const badClusters = mark(from.badClusters, at, bad);
      return normal({ ...from, clusters, badClusters, unfed: mark(from.unfed, at, unfed && at >= LATE) });
    }
    case "routes":
      return { ...from, routes: put(from.routes, change.at, change.to) };
    case "listener":
      return { ...from, listeners: put(from.listeners, change.at, change.to) };
    case "secret":
      return { ...from, secrets: put(from.secrets, change.at, change.to) };
    case "fixed":
      return { ...from, fixed: change.to };
    case "all":
      return normal({ ...change.to, fixed: from.fixed ?? FIXED });
  }
}

/** Clusters that may be without endpoints for a while have no others meanwhile: a client that has some keeps them. */
function normal(from: Configuration): Configuration {
  const own = (spec: Configuration["clusters"][number]) =>
    spec.kind === "static" || spec.kind === "shared" ? { ...spec, kind: "eds" as const } : spec;
  return { ...from, clusters: from.clusters.map((spec, i) => (i >= LATE ? own(spec) : spec)) };
}
