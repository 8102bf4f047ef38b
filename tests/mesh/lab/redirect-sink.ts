import { type MeshPlane, planReady, type RedirectPlan } from "@rxds/mesh";
import { type LabPlaces, planApplier } from "@rxds/testkit";
import type { XdsServer } from "rxds";
import type { Subscription } from "rxjs";
import type { Redirects } from "./redirects.js";

/** Puts redirect plans into force with iptables: each when its listeners are ready. */
export class RedirectSink implements Redirects {
  readonly #subscriptions: Subscription[] = [];
  readonly #newest = new Map<string, RedirectPlan>();
  readonly #done = new Map<string, string>();
  readonly #applier;
  #work: Promise<void> = Promise.resolve();

  constructor(
    readonly plane: MeshPlane,
    readonly server: XdsServer,
    readonly places: LabPlaces,
    /** The ports on which a workload is called, for its services. */
    readonly inboundPorts: (workload: string) => readonly number[],
  ) {
    this.#applier = planApplier(places);
    for (const node of places.nodes.keys()) {
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

  async stop(): Promise<void> {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  /** Takes all rules away: nothing is redirected by iptables any more, but for what comes in to sidecars. */
  async removeOutbound(): Promise<void> {
    for (const { redirect } of [...this.places.nodes.values(), ...this.places.pods.values()]) await redirect([]);
  }

  async #apply(plan: RedirectPlan): Promise<void> {
    await planReady(plan, this.server, { deadlineMs: 20_000 });
    await this.#applier.apply(plan, this.inboundPorts);
  }
}
