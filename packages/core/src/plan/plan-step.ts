import type { ResourceKey } from "../snapshot/snapshot.js";

/**
 * What a step is for, in the order in which the kinds come:
 *
 * - `add`: clusters that are new or changed.
 * - `feed`: what they wait for, and all that leads nowhere itself: endpoints, secrets, runtime.
 * - `switch`: what leads requests from the old clusters to the new ones: extensions, listeners, routes.
 * - `unlisten`: what nothing leads to any more goes: listeners, extensions, scopes, virtual hosts.
 * - `linger`: nothing is sent, so that what is under way on the old ways can end.
 * - `drop`: clusters that are gone.
 */
export type PlanStepKind = "add" | "feed" | "switch" | "unlisten" | "linger" | "drop";

/** A resource that a step sends. */
export interface PlanUpsert {
  /** The resource's name. */
  readonly name: string;
  /** The version that is sent. */
  readonly version: string;
  /** The new clusters that it leads to, by name: it is not sent before the client can use them. Absent: none. */
  readonly waitsFor?: readonly string[];
  /** Of a listener: those that are removed in the same response because it takes their addresses. Absent: none. */
  readonly takesOver?: readonly string[];
}

/** A resource that a step takes away. */
export interface PlanRemoval {
  /** The resource's name. */
  readonly name: string;
  /** Of a cluster: what led to it until now. Absent: nothing that is known. */
  readonly heldBy?: readonly ResourceKey[];
}

/** A fact about a client that a step waits for. */
export interface PlanWait extends ResourceKey {
  /**
   * `"acked"`: the client accepted the last thing that was said of the resource; at once when nothing was. `"eds"`: or, of a cluster, it accepted the
   * endpoints and secrets that came behind it. `"unsubscribed"`: it does not ask for the resource; at once when it never did.
   */
  readonly until: "acked" | "eds" | "unsubscribed";
}

/** One step of a plan: what one response says, or a time in which nothing is said. */
export interface PlanStep {
  /** What it is for. */
  readonly kind: PlanStepKind;
  /** The type URL of what is sent or taken away; of a `linger` that of clusters. */
  readonly type: string;
  /** What is sent. Only a listener that takes an address over goes together with removals. */
  readonly upserts: readonly PlanUpsert[];
  /** What is taken away. */
  readonly removals: readonly PlanRemoval[];
  /** What it waits for after the step before it was sent. Of several resources each waits only for its own (`upserts`). */
  readonly waitsFor: readonly PlanWait[];
  /** Of a `linger`: how long it lasts once all it waits for is there, in milliseconds. */
  readonly ms?: number;
  /** Why, for people. */
  readonly because: string;
}

/** Something that no order of steps makes safe. */
export interface PlanRisk extends ResourceKey {
  /** What can go wrong, and what to do. */
  readonly message: string;
}

/** The way from one snapshot to another. Plain data; holds no contents, so no secrets. */
export interface Plan {
  /** The version of the snapshot that it begins with. */
  readonly from: string;
  /** The version of the snapshot that it ends with. */
  readonly to: string;
  /** In their order; none when the snapshots are equal. */
  readonly steps: readonly PlanStep[];
  /**
   * What is gone and is not told to clients: they forget endpoints, secrets and route configurations by themselves when
   * nothing names them any more, and ignore or reject a removal.
   */
  readonly untold: readonly ResourceKey[];
  /** What no order of steps makes safe; none is what you want to see. */
  readonly risks: readonly PlanRisk[];
}
