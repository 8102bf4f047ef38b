import type { ClientSpec, History, SnapshotChange, Step, WantChange } from "./history.js";
import type { Kind } from "./samples.js";

/** Steps and histories, written shortly. */
export const client = (
  protocol: "delta" | "sotw",
  key: "" | "x" = "",
  pace: "burst" | "slow" = "burst",
): ClientSpec => ({
  protocol,
  key,
  aggregated: true,
  pace,
});
export const history = (clients: readonly ClientSpec[], ...steps: readonly Step[]): History => ({
  clients,
  base: "observable",
  lookMs: 0,
  responseBytes: 4_000_000,
  steps,
});
export const change = (
  kind: Kind,
  values: Readonly<Record<string, number>>,
  ...drop: readonly string[]
): SnapshotChange => ({
  set: Object.entries(values).map(([name, value]) => ({ kind, name, value })),
  drop: drop.map((name) => ({ kind, name })),
  anew: false,
});
export const publish = (...of: Parameters<typeof change>): Step => ({ do: "publish", ...change(...of) });
export const wanted = (
  kind: Kind,
  add: readonly string[],
  drop: readonly string[],
  star: WantChange["star"],
): WantChange => ({
  kind,
  add,
  drop,
  star,
  style: "plain",
});
export const want = (
  kind: Kind,
  add: readonly string[],
  drop: readonly string[] = [],
  star: WantChange["star"] = "keep",
  who = 0,
): Step => ({ do: "want", client: who, ...wanted(kind, add, drop, star) });
export const reject = (kind: Kind, blame: "nobody" | "first" | "all" = "nobody", partly = false): Step => ({
  do: "reject",
  client: 0,
  kind,
  blame,
  partly,
});
export const poison = (kind: Kind, name: string, value: number, blame: "nobody" | "all" = "nobody"): Step => ({
  do: "poison",
  client: 0,
  content: { kind, name, value },
  blame,
  partly: false,
});
export const reconnect = (wants: readonly WantChange[] = [], ...changes: readonly SnapshotChange[]): Step => ({
  do: "connect",
  client: 0,
  forget: false,
  wants,
  publish: changes,
});
export const delay: Step = { do: "delay-answers", client: 0 };
export const settle: Step = { do: "settle" };
export const turn: Step = { do: "turns", count: 1 };
/** Longer than a newer response waits for the answer to an older one. */
export const wait: Step = { do: "wait", ms: 120 };
export const scope = (shown: Extract<Step, { do: "scope" }>["shown"]): Step => ({ do: "scope", key: "x", shown });
