import { type Resource, typeUrls } from "@rxds/core";
import type { Flight } from "../stream/flight.js";
import type { Subscription } from "../stream/subscription.js";
import { plannerOf } from "./planner.js";

/** A listener that is gone and that the client is to have all the same. */
export interface Revived {
  readonly resource: Resource;
  /** Delta: whether it was sent. */
  sent: boolean;
}

/**
 * The client rejected a listener that takes the address of one that is gone. It has removed the old one all the same, and nobody
 * serves there: so it gets the old one back, until the new one is mended or gone. `kept`: what it is not sent for now.
 */
export function revive(listeners: Subscription, kept: readonly number[], flight: Flight): void {
  if (listeners.type.typeUrl !== typeUrls.listener || plannerOf(listeners.stream) === undefined) return;
  const { index, set } = listeners;
  for (const one of kept) {
    for (const old of removedBy(listeners, flight)) {
      if (!sharesAddress(old, set.resource(one))) continue;
      const id = index.table.retain(old.name);
      if (listeners.revived.has(id)) index.table.release(id);
      listeners.revived.set(id, { resource: old, sent: false });
    }
  }
}

/** What a response took from the client. */
function removedBy({ stream, index, acked, set }: Subscription, { content, resources }: Flight): readonly Resource[] {
  if (stream.protocol === "delta") return content.removals.flatMap((id) => index.lost.of(id) ?? []);
  const said = new Set((resources ?? []).map(({ name }) => name));
  return (acked?.resources ?? []).filter(({ name }) => {
    const id = index.table.idOf(name);
    return !said.has(name) && (id === undefined || set.resource(id) === undefined);
  });
}

/** What the client gets back, beside a group that is tried; nothing that takes its address is kept from the client any more: it goes for good. */
export function revivedNow(
  listeners: Subscription,
  group: readonly number[] = [],
): {
  readonly keep: readonly Resource[];
  readonly drop: readonly number[];
} {
  const { revived, quarantine, trial, set, stream } = listeners;
  if (revived.size === 0) return { keep: [], drop: [] };
  // A full state leaves out what is to be tried later.
  const later = stream.protocol === "sotw" ? [...(trial?.ids() ?? [])].filter((id) => !group.includes(id)) : [];
  const kept = [...(quarantine?.keys() ?? []), ...later];
  const keep: Resource[] = [];
  const drop: number[] = [];
  for (const [id, { resource }] of revived) {
    const taken = kept.some((other) => sharesAddress(resource, set.resource(other)));
    if (taken && set.resource(id) === undefined) keep.push(resource);
    else drop.push(id);
  }
  return { keep, drop };
}

/** They were sent, and those are gone for good. */
export function settleRevived(listeners: Subscription, drop: readonly number[]): void {
  for (const id of drop) if (listeners.revived.delete(id)) listeners.index.table.release(id);
  for (const one of listeners.revived.values()) one.sent = true;
}

function sharesAddress(a: Resource, b: Resource | undefined): boolean {
  const addresses = b?.traits?.addresses;
  return addresses !== undefined && a.traits?.addresses?.some((address) => addresses.includes(address)) === true;
}
