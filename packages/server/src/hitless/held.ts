import type { XdsStream } from "../stream/stream.js";
import type { Subscription } from "../stream/subscription.js";
import { gatesOf } from "./gate.js";
import { wait } from "./waiting.js";

/** A resource that a client is not sent yet. */
export interface HeldResource {
  /** Its name. */
  readonly name: string;
  /** The new clusters that it leads to and that the client has not accepted, or that have no endpoints yet. */
  readonly waitsFor: readonly string[];
  /** Since when, in ms since the epoch. */
  readonly since: number;
}

/** A resource that is gone and that a client keeps for now. */
export interface LeavingResource {
  /** Its name. */
  readonly name: string;
  /**
   * What the client holds, or may hold, that leads to it; undefined: nothing any more, and it stays for the requests that are
   * under way. An empty name: something of that type that was not accepted yet.
   */
  readonly usedBy: { readonly type: string; readonly name: string } | undefined;
}

/** Those, and no others, wait for clusters. */
export function holdBack(subscription: Subscription, ids: readonly number[]): void {
  const { stream, waiting } = subscription;
  if (ids.length === 0 && subscription.gated === undefined && waiting.size === 0) return;
  const fresh = ids.filter((id) => !waiting.has(id));
  subscription.gate(ids);
  wait(subscription, ids);
  if (fresh.length === 0) return;
  for (const id of fresh) stream.hooks.held(subscription, id, false);
  stream.planner?.watch(() => overdue(stream));
}

/** Sends what waits, whatever it waits for. */
export function proceed(stream: XdsStream): void {
  stream.planner?.fresh.clear();
  if (stream.planner !== undefined) stream.planner.awaited = undefined;
  for (const other of stream.subscriptions.values()) if (other.gated !== undefined) stream.hooks.loop.queue(other);
}

function overdue(stream: XdsStream): void {
  const { planner } = stream;
  if (planner === undefined || stream.closed) return;
  const { gateTimeoutMs, onGateTimeout } = planner.rules;
  const now = Date.now();
  let late = false;
  let waiting = false;
  for (const subscription of stream.subscriptions.values()) {
    for (const [id, { since }] of subscription.waiting) {
      if (now - since < gateTimeoutMs) {
        waiting = true;
        continue;
      }
      late = true;
      stream.hooks.held(subscription, id, true);
    }
  }
  if (late && onGateTimeout === "proceed") proceed(stream);
  else if (late || waiting) planner.watch(() => overdue(stream));
}

/** What waits of one type. */
export function heldResources(subscription: Subscription): readonly HeldResource[] {
  return [...subscription.waiting].flatMap(([id, { since }]) => heldResource(subscription, id, since) ?? []);
}

export function heldResource(subscription: Subscription, id: number, since: number): HeldResource | undefined {
  const name = subscription.index.table.nameOf(id);
  if (name === undefined) return undefined;
  return { name, waitsFor: gatesOf(subscription.stream, subscription.set.resource(id)), since };
}
