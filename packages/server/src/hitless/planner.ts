import { typeUrls } from "@rxds/core";
import type { XdsStream } from "../stream/stream.js";
import type { Subscription } from "../stream/subscription.js";
import { FreshClusters } from "./fresh.js";
import type { Awaited } from "./late-clusters.js";
import type { HitlessRules } from "./options.js";
import type { Promised } from "./promised.js";

/** A cluster that is gone and that the client keeps for now. */
export interface Leaving {
  /** What the client may hold that leads there, as type URL and name; undefined: nothing. */
  by: { readonly type: string; readonly name: string } | undefined;
  /** The commit in which it went. */
  readonly goneAt: number;
  /** Since when nothing leads there, in ms of the monotonic clock. */
  freeSince: number | undefined;
}

/** What is on its way on one stream, as far as others have to wait for it. Normally empty. */
export class Planner {
  /** Clusters that are new to the client and that it has not accepted yet, by id. */
  readonly fresh = new FreshClusters();
  /** Clusters that are gone and stay with the client for now, by name. */
  readonly leaving = new Map<string, Leaving>();
  /** What listeners were sent for that wait for their routes, by the name of those. */
  readonly promised = new Map<string, Promised>();
  /** State of the world: it is not known what the client has; since when it has been led to where it should go. */
  estranged: { quietSince: number | undefined } | undefined;
  /** The client came back and may not have said yet what leads to its clusters: until then, in ms of the monotonic clock. */
  unsureUntil = 0;
  /** The client came back with clusters. */
  returned = false;
  /** Delta: the clusters that the client could not use yet when it was here last, by name; undefined: nobody knows. */
  freshBefore: ReadonlySet<string> | undefined;
  /** Delta: the client came back, may have clusters that warm, and has not asked for clusters. */
  awaited: Awaited | undefined;
  #timer: NodeJS.Timeout | undefined;
  #overdue: NodeJS.Timeout | undefined;
  #due = Number.POSITIVE_INFINITY;

  constructor(readonly rules: HitlessRules) {}

  /** Looks at the clusters again at that time, or before. */
  wakeAt(time: number, clusters: Subscription): void {
    if (time >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = time;
    this.#timer = setTimeout(
      () => {
        this.#due = Number.POSITIVE_INFINITY;
        clusters.stream.hooks.loop.queue(clusters);
      },
      Math.max(1, time - performance.now()),
    );
    this.#timer.unref();
  }

  /** Something began to wait for clusters: looks whether it still does when the time for that is over. */
  watch(overdue: () => void): void {
    this.#overdue ??= setTimeout(() => {
      this.#overdue = undefined;
      overdue();
    }, this.rules.gateTimeoutMs);
    this.#overdue.unref();
  }

  /** The client came back, and says what it holds of a type. `listens`: it has said so of its listeners. */
  resumed(type: string, listens: boolean): void {
    if (type === typeUrls.cluster && !listens) this.unsureUntil = performance.now() + this.rules.gateTimeoutMs;
    if (type === typeUrls.listener) this.unsureUntil = 0;
    if (type === typeUrls.cluster) this.returned = true;
    // What it holds may lead to clusters that nothing seemed to lead to.
    for (const leaving of this.leaving.values()) leaving.freeSince = undefined;
  }

  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#overdue);
    this.fresh.clear();
    this.leaving.clear();
    this.promised.clear();
  }
}

/** The planner of a stream that it is in force for: one that is aggregated and sees all clusters of its view. */
export function plannerOf(stream: XdsStream): Planner | undefined {
  if (stream.planner === undefined) return undefined;
  return stream.subscriptions.get(typeUrls.cluster)?.wildcard === true ? stream.planner : undefined;
}
