import { type MeshPlane, planReady, type RedirectEntry, type RedirectGroup, type RedirectPlan } from "@rxds/mesh";
import type { LabNode, LabPod, RedirectRule } from "@rxds/testkit";
import type { XdsServer } from "rxds";
import type { Subscription } from "rxjs";

/** What is in force on a node. */
interface InForce {
  readonly node: RedirectRule[];
  readonly pods: ReadonlyMap<string, RedirectRule[]>;
}

/** Puts redirect plans into force with iptables: each entry when its listeners are ready. */
export class RedirectSink {
  readonly #subscriptions: Subscription[] = [];
  readonly #newest = new Map<string, RedirectPlan>();
  readonly #done = new Map<string, string>();
  readonly #force = new Map<string, InForce>();
  #work: Promise<void> = Promise.resolve();

  constructor(
    readonly plane: MeshPlane,
    readonly server: XdsServer,
    readonly nodes: ReadonlyMap<string, LabNode>,
    readonly pods: ReadonlyMap<string, LabPod>,
    /** The ports on which a workload is called, for its services. */
    readonly inboundPorts: (workload: string) => readonly number[],
  ) {
    for (const node of nodes.keys()) {
      // From now on it is told which plans are in force.
      plane.applied(node, "");
      const plans$ = plane.redirectPlan(node);
      this.#subscriptions.push(plans$.subscribe((plan) => void this.#newest.set(node, plan)));
    }
  }

  /** Puts the newest plans into force. */
  settled(): Promise<void> {
    this.#work = this.#work.then(async () => {
      for (const plan of this.#newest.values()) {
        if (this.#done.get(plan.node) === plan.generation) continue;
        await this.#apply(plan);
        this.#done.set(plan.node, plan.generation);
        this.plane.applied(plan.node, plan.generation);
      }
    });
    return this.#work;
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  async #apply(plan: RedirectPlan): Promise<void> {
    await planReady(plan, this.server, { deadlineMs: 20_000 });
    const before = this.#force.get(plan.node) ?? { node: [], pods: new Map() };
    const node = plan.groups.filter(({ proxy }) => proxy.startsWith("node~")).flatMap(rulesOf);
    const sidecars = plan.groups.filter(({ proxy }) => proxy.startsWith("sidecar~"));
    const pods = new Map(sidecars.map((group) => [group.workloads[0]!.name, rulesOf(group)]));
    const place = this.nodes.get(plan.node)!;
    // A pod's own rules come first; so there is a way at every moment, the old one or the new one.
    await place.redirect([...node, ...before.node]);
    for (const name of new Set([...before.pods.keys(), ...pods.keys()])) {
      const pod = this.pods.get(name)!;
      await pod.redirect((pods.get(name) ?? []).map(({ from: _, ...rule }) => rule));
      const ports = pods.has(name) ? await this.#inbound(name) : [];
      await pod.redirectInbound(ports.length > 0 ? { ports, to: 15_006 } : undefined);
    }
    await place.redirect(node);
    this.#force.set(plan.node, { node, pods });
  }

  /** The ports on which a workload's sidecar takes what comes in: no matter of the plan, but of this lab. */
  async #inbound(workload: string): Promise<readonly number[]> {
    const ports = this.inboundPorts(workload);
    if (ports.length === 0) return ports;
    await this.server.listenerReady(`sidecar~${workload}`, `inbound/${workload}`, { deadlineMs: 20_000 });
    return ports;
  }
}

function rulesOf({ workloads, entries }: RedirectGroup): RedirectRule[] {
  const from = workloads.flatMap(({ addresses }) => addresses);
  return entries.map(({ protocol, address, port, to }: RedirectEntry) => ({ protocol, address, port, to, from }));
}
