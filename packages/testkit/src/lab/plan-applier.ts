import { TestkitError } from "../error.js";
import type { LabNode, LabPod } from "./node.js";
import type { RedirectRule } from "./redirect-rules.js";

/** Where connections of a node's workloads are to go, as `RedirectPlan` of `@rxds/mesh` says it. */
export interface LabPlan {
  /** The node's name. */
  readonly node: string;
  /** Workloads that are redirected to the same proxy: `"node~name"`, or one of their own. */
  readonly groups: readonly {
    /** The proxy's id. */
    readonly proxy: string;
    /** Whose connections they are. */
    readonly workloads: readonly { readonly name: string; readonly addresses: readonly string[] }[];
    /** What of theirs goes where. */
    readonly entries: readonly Omit<RedirectRule, "from">[];
    /** The port that what comes in to the workload goes to. Default: it stays as it is. */
    readonly inbound?: { readonly port: number };
  }[];
}

/** The places of a lab, by the names that plans have for them. */
export interface LabPlaces {
  /** Nodes by name. */
  readonly nodes: ReadonlyMap<string, LabNode>;
  /** Pods by the name of the workload: `"namespace/name"`. */
  readonly pods: ReadonlyMap<string, LabPod>;
}

/** Puts plans into force with iptables. */
export interface PlanApplier {
  /**
   * Puts a plan into force in the place of the one of the same node before. A connection finds the old way or the new one at
   * every moment, and open connections stay as they are. Whoever calls has made sure that all is ready.
   *
   * @param inboundPorts The TCP ports of a workload of which what comes in goes to its own proxy. Default: none.
   */
  apply(plan: LabPlan, inboundPorts?: (workload: string) => readonly number[]): Promise<void>;
}

interface InForce {
  readonly node: readonly RedirectRule[];
  readonly pods: ReadonlyMap<string, readonly RedirectRule[]>;
}

/** Begins with nothing redirected. */
export function planApplier({ nodes, pods }: LabPlaces): PlanApplier {
  const inForce = new Map<string, InForce>();
  return {
    async apply({ node, groups }, inboundPorts = () => []) {
      const before = inForce.get(node) ?? { node: [], pods: new Map() };
      const isShared = ({ proxy }: LabPlan["groups"][number]) => proxy.startsWith("node~");
      const shared = groups.filter(isShared).flatMap(rulesOf);
      const own = new Map(groups.filter((group) => !isShared(group)).map((group) => [nameOf(group), rulesOf(group)]));
      const place = found(nodes, node);
      // What a pod's own rules take never comes to the node's: so these come first, and go last.
      await place.redirect([...shared, ...before.node]);
      for (const name of new Set([...before.pods.keys(), ...own.keys()])) {
        const pod = found(pods, name);
        await pod.redirect((own.get(name) ?? []).map(({ from: _, ...rule }) => rule));
        const to = groups.find((group) => !isShared(group) && nameOf(group) === name)?.inbound?.port;
        const ports = to === undefined ? [] : inboundPorts(name);
        await pod.redirectInbound(to === undefined || ports.length === 0 ? undefined : { ports, to });
      }
      await place.redirect(shared);
      inForce.set(node, { node: shared, pods: own });
    },
  };
}

function rulesOf({ workloads, entries }: LabPlan["groups"][number]): RedirectRule[] {
  const from = workloads.flatMap(({ addresses }) => addresses);
  return entries.map(({ protocol, address, port, to }) => ({ protocol, address, port, to, from }));
}

const nameOf = ({ workloads }: LabPlan["groups"][number]): string => workloads[0]?.name ?? "";

function found<T>(places: ReadonlyMap<string, T>, name: string): T {
  const place = places.get(name);
  if (place !== undefined) return place;
  const message = `there is no ${JSON.stringify(name)} in the lab; there are [${[...places.keys()].join(", ")}]`;
  throw new TestkitError("invalid-argument", message, { name });
}
