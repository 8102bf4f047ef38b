import type { ResourceItem } from "rxds";
import type { World } from "./world.js";

/** One snapshot of a transition, and what is waited for before the next one. */
export interface Step {
  readonly world: World;
  /** Clusters whose endpoints are not there yet. */
  readonly missing?: readonly string[];
  /** Resources beside those of the world. */
  readonly more?: readonly ResourceItem[];
  /** What requests are routed by. Default: the world. Another one when Envoy can't have the world. */
  readonly routedBy?: World;
  readonly until: Until;
}

/** When a step is over. */
export type Until =
  /** Envoy has accepted all of it, and what is gone is gone. */
  | { readonly what: "converged" }
  /** So many ms later: the next snapshot comes in the middle. */
  | { readonly what: "ms"; readonly ms: number }
  /** Envoy was found to reject that resource. `rest`: and has accepted everything else. */
  | { readonly what: "rejected"; readonly name: string; readonly rest: boolean }
  /**
   * The control plane ends in the middle, so many ms later, and starts again with the next snapshot. `accepted`: so long after Envoy
   * has accepted clusters. In the state of the world it always is: until then nobody knows what it has.
   */
  | { readonly what: "down"; readonly ms: number; readonly accepted?: boolean };

/** A way from one valid snapshot to another. */
export interface Transition {
  readonly kind: string;
  readonly steps: readonly Step[];
}

/** The transition that is one change. */
export const inOneStep = (kind: string, world: World): Transition => ({
  kind,
  steps: [{ world, until: { what: "converged" } }],
});
