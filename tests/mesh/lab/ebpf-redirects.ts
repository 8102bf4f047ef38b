import { type Applied, type RedirectSink, type RedirectSinkOptions, redirectSink } from "@rxds/ebpf";
import { type MeshPlane, planReady, type RedirectPlan, readyEntries } from "@rxds/mesh";
import { eventually, type LabPlaces, type NetLab } from "@rxds/testkit";
import type { XdsServer } from "rxds";
import type { Subscription } from "rxjs";
import { envoyCgroup } from "./proxies.js";
import type { Redirects } from "./redirects.js";

interface Parts {
  readonly plane: MeshPlane;
  readonly server: XdsServer;
  readonly lab: NetLab;
  readonly places: LabPlaces;
  /** The ports on which a workload is called, for its services. */
  readonly inbound: (workload: string) => readonly number[];
}

/** Puts redirect plans into force in the kernel: a sink for each node, whose pods and Envoys are below the node's control group. */
export class EbpfRedirects implements Redirects {
  readonly #subscriptions: Subscription[] = [];
  readonly #newest = new Map<string, RedirectPlan>();
  readonly #applied = new Map<string, Applied>();
  readonly #failures: Error[] = [];
  readonly sinks = new Map<string, RedirectSink>();

  private constructor(readonly parts: Parts) {}

  static async start(parts: Parts, options: Partial<RedirectSinkOptions> = {}): Promise<EbpfRedirects> {
    const redirects = new EbpfRedirects(parts);
    try {
      for (const node of parts.places.nodes.keys()) await redirects.#start(node, options);
    } catch (error) {
      await redirects.stop();
      throw error;
    }
    return redirects;
  }

  /** How a sink of a node is started. */
  static optionsOf({ lab, places }: Pick<Parts, "lab" | "places">, node: string) {
    const place = places.nodes.get(node)!;
    const pods = [...places.pods.values()].filter(({ cgroup }) => cgroup.startsWith(`${place.cgroup}/`));
    return {
      pins: `${lab.bpffs}/${node}`,
      cgroup: place.cgroup,
      proxyCgroups: [place, ...pods].map(envoyCgroup),
      hostNetworkNamespace: `/run/netns/${place.netns}`,
    };
  }

  async #start(node: string, options: Partial<RedirectSinkOptions>): Promise<void> {
    const { plane, server } = this.parts;
    plane.applied(node, "");
    const plan$ = readyEntries(plane.redirectPlan(node), server);
    const sink = await redirectSink({ plan$, ...EbpfRedirects.optionsOf(this.parts, node), ...options });
    this.sinks.set(node, sink);
    this.#subscriptions.push(
      plane.redirectPlan(node).subscribe((plan) => void this.#newest.set(node, plan)),
      sink.applied$.subscribe((applied) => {
        this.#applied.set(node, applied);
        plane.applied(node, applied.generation);
      }),
      sink.failures$.subscribe(({ error }) => void this.#failures.push(error)),
    );
  }

  async settled(): Promise<void> {
    for (const plan of this.#newest.values()) {
      await planReady(plan, this.parts.server, { deadlineMs: 20_000 });
      // What comes in to a sidecar is not redirected at its source.
      for (const { workloads, inbound } of plan.groups)
        if (inbound !== undefined) await this.#inbound(workloads[0]!.name, inbound.port);
    }
    await eventually(
      () => {
        for (const error of this.#failures) throw error;
        return [...this.#newest.values()].every(
          ({ node, generation }) => this.#applied.get(node)?.generation === generation,
        );
      },
      {
        deadlineMs: 20_000,
        describe: () => `plans ${generations(this.#newest)} are in force; those are ${generations(this.#applied)}`,
      },
    );
    const sidecars = new Set(
      [...this.#newest.values()].flatMap(({ groups }) =>
        groups.filter(({ inbound }) => inbound !== undefined).map(({ workloads }) => workloads[0]!.name),
      ),
    );
    for (const name of this.parts.places.pods.keys()) if (!sidecars.has(name)) await this.#inbound(name, undefined);
  }

  /** What is in force on a node. */
  applied(node: string): Applied {
    const applied = this.#applied.get(node);
    if (applied === undefined) throw new Error(`nothing is in force on ${node} yet`);
    return applied;
  }

  async stop(): Promise<void> {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    await Promise.all([...this.sinks.values()].map((sink) => sink.close()));
  }

  async #inbound(workload: string, to: number | undefined): Promise<void> {
    const ports = to === undefined ? [] : this.parts.inbound(workload);
    const redirect = to === undefined || ports.length === 0 ? undefined : { ports, to };
    await this.parts.places.pods.get(workload)?.redirectInbound(redirect);
  }
}

function generations(of: ReadonlyMap<string, { readonly generation: string }>): string {
  return [...of].map(([node, { generation }]) => `${node}: ${generation}`).join(", ");
}
