import type { ClientSpec, History, SnapshotChange, Step, WantChange } from "./history.js";
import type { Kind } from "./samples.js";

const client = (protocol: "delta" | "sotw", key: "" | "x" = "", pace: "burst" | "slow" = "burst"): ClientSpec => ({
  protocol,
  key,
  aggregated: true,
  pace,
});
const history = (clients: readonly ClientSpec[], ...steps: readonly Step[]): History => ({
  clients,
  base: "observable",
  lookMs: 0,
  steps,
});
const change = (kind: Kind, values: Readonly<Record<string, number>>, ...drop: readonly string[]): SnapshotChange => ({
  set: Object.entries(values).map(([name, value]) => ({ kind, name, value })),
  drop: drop.map((name) => ({ kind, name })),
  anew: false,
});
const publish = (...of: Parameters<typeof change>): Step => ({ do: "publish", ...change(...of) });
const wanted = (kind: Kind, add: readonly string[], drop: readonly string[], star: WantChange["star"]): WantChange => ({
  kind,
  add,
  drop,
  star,
});
const want = (
  kind: Kind,
  add: readonly string[],
  drop: readonly string[] = [],
  star: WantChange["star"] = "keep",
  who = 0,
): Step => ({ do: "want", client: who, ...wanted(kind, add, drop, star) });
const reject = (kind: Kind, blame: "nobody" | "first" = "nobody", partly = false): Step => ({
  do: "reject",
  client: 0,
  kind,
  blame,
  partly,
});
const reconnect = (wants: readonly WantChange[] = [], ...changes: readonly SnapshotChange[]): Step => ({
  do: "connect",
  client: 0,
  forget: false,
  wants,
  publish: changes,
});
const delay: Step = { do: "delay-answers", client: 0 };
const settle: Step = { do: "settle" };
const turn: Step = { do: "turns", count: 1 };
/** Longer than a newer response waits for the answer to an older one. */
const wait: Step = { do: "wait", ms: 120 };
const scope = (shown: Extract<Step, { do: "scope" }>["shown"]): Step => ({ do: "scope", key: "x", shown });

/** Histories that went wrong once, shrunk. */
export const knownHistories: Readonly<Record<string, History>> = {
  "a star where there was nothing": history(
    [client("sotw")],
    publish("endpoints", { a: 0 }),
    want("endpoints", []),
    turn,
    want("endpoints", [], [], "on"),
  ),
  "a scope before there is a configuration": history([client("delta", "x")], want("cluster", []), scope({})),
  "all that is named is gone when the client comes back": history(
    [client("sotw")],
    want("listener", ["a"]),
    publish("listener", { a: 0 }),
    settle,
    reconnect([], change("listener", {}, "a")),
  ),
  "all that is named goes after the client came back": history(
    [client("sotw")],
    want("cluster", ["b"]),
    publish("cluster", { b: 0 }),
    settle,
    reconnect(),
    settle,
    publish("cluster", {}, "b"),
  ),
  "names after a rejected wildcard": history(
    [client("sotw")],
    want("listener", []),
    reject("listener"),
    publish("listener", { d: 0 }),
    wait,
    want("listener", ["d"]),
  ),
  "a name dropped beside a star, then the star": history(
    [client("delta")],
    want("custom", ["c"], [], "on"),
    want("custom", [], ["c"]),
    want("custom", [], [], "off"),
    publish("custom", { c: 0 }),
  ),
  "two streams that share names, one with a star": history(
    [client("sotw"), client("sotw")],
    publish("cluster", {}),
    want("cluster", ["a"], [], "on"),
    want("cluster", ["a"], [], "keep", 1),
    settle,
    want("cluster", [], [], "on", 1),
  ),
  "what was blamed leaves the view": history(
    [client("delta", "x")],
    scope({ cluster: ["c"] }),
    publish("cluster", { c: 0 }),
    want("cluster", []),
    settle,
    reject("cluster", "first"),
    publish("cluster", { c: 1 }),
    wait,
    scope({}),
  ),
  "one unknown name after another": history(
    [client("delta")],
    publish("custom", {}),
    want("custom", ["b"]),
    settle,
    reconnect([wanted("custom", [], ["b"], "keep"), wanted("custom", ["a"], [], "keep")]),
  ),
  "a name dropped, and asked for again over a reconnect": history(
    [client("sotw")],
    want("listener", ["a"]),
    publish("listener", { a: 0 }),
    settle,
    want("listener", [], ["a"]),
    reconnect([wanted("listener", ["a"], [], "keep")]),
  ),
  "a cluster that changed while the client was away": history(
    [client("delta")],
    want("endpoints", ["c"]),
    want("cluster", []),
    publish("endpoints", { c: 0 }),
    publish("cluster", { c: 1 }),
    settle,
    reconnect([], change("cluster", { c: 0 })),
  ),
  "a cluster that changed while the client was away, which asks for endpoints later": history(
    [client("delta", "", "slow")],
    want("endpoints", ["c"]),
    want("cluster", []),
    publish("endpoints", { c: 0 }),
    publish("cluster", { c: 1 }),
    settle,
    delay,
    reconnect([], change("cluster", { c: 0 })),
  ),
  "a stale name that was thought better of": history(
    [client("sotw")],
    want("listener", []),
    publish("listener", {}),
    turn,
    want("listener", ["a"]),
    want("listener", [], ["a"]),
  ),
  "a rejected removal from the view": history(
    [client("delta", "x")],
    scope({ cluster: ["a"] }),
    publish("cluster", { a: 0 }),
    want("cluster", []),
    settle,
    reject("cluster"),
    scope({ cluster: ["c"] }),
  ),
  "a name dropped between a response and its rejection": history(
    [client("delta")],
    publish("cluster", { c: 0 }),
    want("cluster", ["a", "c"]),
    reject("cluster"),
    turn,
    want("cluster", [], ["c"]),
  ),
  "a name dropped while an answer is long in coming": history(
    [client("delta")],
    want("secret", ["a", "c"]),
    delay,
    publish("secret", { a: 0 }),
    wait,
    want("secret", [], ["a"]),
    publish("secret", { c: 0 }),
  ),
  "nothing, a star, nothing": history(
    [client("sotw")],
    want("cluster", []),
    want("cluster", [], [], "on"),
    publish("cluster", {}),
    want("cluster", [], [], "off"),
  ),
  "a rejected response that was overtaken, and a reconnect": history(
    [client("sotw")],
    want("custom", ["a", "c"]),
    reject("custom"),
    publish("custom", { a: 0 }),
    delay,
    wait,
    publish("custom", { c: 0 }),
    wait,
    reconnect(),
  ),
  "a name dropped after another type has changed": history(
    [client("sotw")],
    want("listener", ["a"]),
    publish("listener", { a: 0 }),
    settle,
    reject("listener"),
    publish("listener", { a: 1 }),
    settle,
    publish("cluster", { a: 0 }),
    want("listener", [], ["a"]),
  ),
  "a star again while an older response is under way": history(
    [client("delta")],
    { do: "stall", client: 0 },
    reconnect([wanted("routes", [], [], "on")], change("routes", { a: 0, b: 0 })),
    wait,
    want("routes", ["a"], [], "off"),
    publish("routes", {}, "a", "b"),
    wait,
    want("routes", [], [], "on"),
  ),
  "a removal of what was owed after a reconnect, before the routes": history(
    [client("delta")],
    want("endpoints", [], [], "on"),
    publish("routes", { a: 0 }),
    publish("endpoints", { a: 0 }),
    settle,
    publish("endpoints", { a: 1 }),
    want("routes", [], [], "on"),
    reconnect(),
    publish("endpoints", {}, "a"),
  ),
  "a name beside a first star that goes before it is answered": history(
    [client("delta")],
    reconnect(
      [wanted("listener", [], [], "on"), wanted("listener", ["a"], [], "keep")],
      change("listener", { a: 0 }),
    ),
    publish("listener", {}, "a"),
  ),
  "a name asked for again while its trial is under way, which is rejected": history(
    [client("delta")],
    reject("endpoints"),
    want("endpoints", ["c"]),
    reconnect([wanted("endpoints", ["b"], [], "keep")], change("endpoints", { b: 0, c: 0 })),
    { do: "turns", count: 3 },
    { do: "ask-again", client: 0, kind: "endpoints", name: "b" },
    reject("endpoints"),
  ),
};
