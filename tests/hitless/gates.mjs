// What keeps changes hitless, each as a change of the sources that switches it off: proof that the lab would notice.
import { edit } from "../../conformance/mutants/mutant.mjs";

/**
 * `kinds`: transitions that lose requests without it; `modes`: where.
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
];
