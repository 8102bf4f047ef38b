// What keeps changes hitless, each as a change of the sources that switches it off: proof that the lab would notice.
import { edit } from "../../conformance/mutants/mutant.mjs";

/**
 * `kinds`: transitions that lose requests without it, or do not end; `modes`: where.
 * @type {readonly { name: string, why: string, kinds: readonly string[], modes: readonly ("delta" | "sotw")[], edits: readonly { file: string, find: string, replace: string }[] }[]}
 */
export const gates = [
  {
    name: "routes-wait",
    why: "routes do not wait for new clusters",
    kinds: ["endpoints late"],
    modes: ["delta", "sotw"],
    edits: [
      edit(
        "server/src/hitless/gate.ts",
        "resource === undefined || fresh === undefined",
        "true || fresh === undefined",
      ),
    ],
  },
  {
    name: "removals-wait",
    why: "clusters go before the routes that led to them",
    kinds: ["cluster renamed", "route removed"],
    modes: ["delta", "sotw"],
    edits: [
      edit("server/src/hitless/drop.ts", "if (planner === undefined) return true;", "return true;"),
      edit("server/src/stream/order.ts", "if (waits) return () => false;", ""),
    ],
  },
  {
    name: "linger",
    why: "clusters go as soon as nothing leads to them any more",
    kinds: ["cluster renamed", "route removed"],
    modes: ["delta", "sotw"],
    edits: [edit("server/src/hitless/drop.ts", "if (now >= leaving.freeSince + linger) return true;", "return true;")],
  },
  {
    name: "endpoints-exist",
    why: "routes go to a cluster that was accepted, and has no endpoints yet",
    kinds: ["endpoints late"],
    modes: ["delta", "sotw"],
    edits: [edit("server/src/hitless/ready.ts", "if (lacksEndpoints(stream, set.resource(id)))", "if (false)")],
  },
  {
    name: "rejected-clusters",
    why: "routes go to a cluster that was rejected",
    kinds: ["rejection"],
    modes: ["delta", "sotw"],
    edits: [
      edit(
        "server/src/stream/reject.ts",
        "subscription.hold(id, quarantined);",
        'subscription.hold(id, quarantined); if (subscription.type.typeUrl.endsWith(".Cluster")) stream.planner?.fresh.delete(id);',
      ),
    ],
  },
  {
    name: "asked-for",
    why: "a route configuration that is gone does not count although old connections go by it",
    kinds: ["route configuration replaced"],
    modes: ["delta", "sotw"],
    edits: [edit("server/src/hitless/drop.ts", "return current === undefined && !type.fullState;", "return false;")],
  },
  {
    name: "drain",
    why: "clusters go before the connections of a listener have drained that led there by routes of its own",
    kinds: ["cluster renamed"],
    modes: ["delta", "sotw"],
    edits: [edit("server/src/hitless/drop.ts", "type === typeUrls.listener ? rules.drainMs : 0", "0")],
  },
  {
    name: "waiting-listeners",
    why: "clusters go although a listener that leads there stays until another one can take its address",
    kinds: ["endpoints late"],
    modes: ["delta"],
    edits: [edit("server/src/hitless/drop.ts", "if (late?.has(id) || again?.has(id)) return true;", "")],
  },
  {
    name: "hand-over",
    why: "a listener goes in another response than the one that takes its address",
    kinds: ["listener renamed"],
    modes: ["delta"],
    edits: [
      edit(
        "server/src/stream/next-delta.ts",
        "type.typeUrl === typeUrls.cluster && plannerOf(stream);",
        "plannerOf(stream);",
      ),
    ],
  },
  {
    name: "address-kept",
    why: "a listener goes although the one that takes its address waits for clusters",
    kinds: ["endpoints late"],
    modes: ["delta", "sotw"],
    edits: [
      edit("server/src/stream/order.ts", "return (name) => !stays(name);", "return (name) => !stays(name) || true;"),
    ],
  },
  {
    name: "listeners-wait",
    why: "a listener takes an address before its routes can be sent",
    kinds: ["endpoints late"],
    modes: ["delta", "sotw"],
    edits: [edit("server/src/hitless/gate.ts", "if (type !== typeUrls.listener) return [];", "return [];")],
  },
  {
    name: "feed",
    why: "endpoints do not go behind a cluster that changed: Envoy waits for them for 15 s",
    kinds: ["cluster replaced"],
    modes: ["delta"],
    edits: [edit("server/src/stream/feed.ts", "if (endpoints === undefined) return;", "return;")],
  },
  {
    name: "estranged",
    why: "a client of which nobody knows what it has gets all clusters at once",
    kinds: ["endpoints late"],
    modes: ["sotw"],
    edits: [
      edit(
        "server/src/hitless/estranged.ts",
        "if (planner === undefined) return;\n  planner.estranged",
        "return;\n  planner.estranged",
      ),
    ],
  },
  {
    name: "unfed-clusters",
    why: "a client that comes back counts as one that has the endpoints of its clusters",
    kinds: ["endpoints late"],
    modes: ["delta"],
    edits: [edit("server/src/hitless/ready.ts", "if (lacking.size === 0) return;", "return;")],
  },
  {
    name: "waiting-versions",
    why: "of a client that comes back, clusters go although what leads there waits",
    kinds: ["endpoints late"],
    modes: ["delta"],
    edits: [edit("server/src/stream/behind.ts", "[owed, backlog, gated, trial,", "[owed, backlog, trial,")],
  },
];
