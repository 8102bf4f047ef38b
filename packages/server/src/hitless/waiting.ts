import { type Resource, typeUrls } from "@rxds/core";
import type { Subscription } from "../stream/subscription.js";
import { gatesOf } from "./gate.js";
import { takesOver } from "./hand-over.js";
import { promisedOf } from "./promised.js";

/** What waits for clusters, of one resource. */
export interface Waiting {
  /** Since when, in ms since the epoch. */
  readonly since: number;
  /** The oldest version that waits and was not sent: it goes ahead of newer ones that have to wait for longer. */
  as: Resource | undefined;
}

/** Those, and no others, wait for clusters. */
export function wait(subscription: Subscription, ids: readonly number[]): void {
  const { waiting, set } = subscription;
  const waits = new Set(ids);
  for (const id of [...waiting.keys()]) if (!waits.has(id)) waiting.delete(id);
  for (const id of ids) {
    const current = set.resource(id);
    const known = waiting.get(id);
    if (known === undefined) {
      const promised = promisedOf(subscription.stream, subscription.type.typeUrl, current?.name ?? "");
      waiting.set(id, { since: Date.now(), as: promised ?? current });
    } else if (!stands(subscription, known.as, current)) known.as = current;
  }
}

/** The client was sent earlier versions of those: the current ones are next. */
export function wentAhead({ waiting, set }: Subscription, ids: readonly number[]): void {
  for (const id of ids) if (waiting.has(id)) waiting.set(id, { since: Date.now(), as: set.resource(id) });
}

/**
 * An earlier version of what waits, whose clusters the client has by now. Else a resource that keeps changing, each time to
 * clusters that are not ready yet, would never get anywhere. Undefined: there is none.
 */
function earlierOf(subscription: Subscription, id: number): Resource | undefined {
  const as = subscription.waiting.get(id)?.as;
  const current = subscription.set.resource(id);
  if (as === undefined || as === current || !stands(subscription, as, current)) return undefined;
  if (gatesOf(subscription.stream, as).length > 0) return undefined;
  const isListener = subscription.type.typeUrl === typeUrls.listener;
  return isListener && takesOver(subscription, as) ? undefined : as;
}

/** Whether an earlier version of something that waits may go. */
export function hasEarlier(subscription: Subscription): boolean {
  return [...subscription.waiting.keys()].some((id) => earlierOf(subscription, id) !== undefined);
}

/** The earlier versions of all that waits, by id. */
export function earlier(subscription: Subscription, ids: readonly number[]): ReadonlyMap<number, Resource> {
  const found = new Map<number, Resource>();
  if (subscription.waiting.size === 0) return found;
  for (const id of ids) {
    const resource = earlierOf(subscription, id);
    if (resource !== undefined) found.set(id, resource);
  }
  return found;
}

/**
 * Whether an earlier version may still be used: what it leads to is in the configuration, or the client keeps it, or nothing was
 * ever known of it; and it listens where the current one does.
 */
function stands(subscription: Subscription, as: Resource | undefined, current: Resource | undefined): boolean {
  if (as === undefined || current === undefined || as.name !== current.name) return false;
  if (as === current) return true;
  if (as.traits?.addresses?.join() !== current.traits?.addresses?.join()) return false;
  const now = new Set(current.references?.map(({ type, name }) => `${type} ${name}`));
  return (as.references ?? []).every(
    ({ type, name }) => now.has(`${type} ${name}`) || isThere(subscription, type, name),
  );
}

function isThere({ stream }: Subscription, type: string, name: string): boolean {
  const other = stream.subscriptions.get(type);
  const { table } = other?.index ?? stream.view!.index.table(type);
  const id = table.idOf(name);
  if (id !== undefined && (other?.set.resource(id) ?? table.resource(id)) !== undefined) return true;
  return type === typeUrls.cluster && stream.planner?.leaving.has(name) === true;
}
