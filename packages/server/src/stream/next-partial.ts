import { type Lanes, lanesVersion, resourceLanes, subtractLanes } from "@rxds/core";
import { gatesOf, hasGate } from "../hitless/gate.js";
import { earlier } from "../hitless/waiting.js";
import type { Next } from "./next.js";
import { NOTHING } from "./next.js";
import { renewable } from "./renewable.js";
import type { Subscription } from "./subscription.js";
import { unknownNames } from "./unknown-names.js";

const NONE: readonly number[] = [];

/**
 * State of the world, only what changed or is owed: all types but those where omission is deletion. Of several responses
 * under way, the client answers for all with the newest: so that one repeats what the others said.
 */
export function nextPartial(subscription: Subscription): Next {
  const { set, type, mustAnswer, flights, owed, trial, acked, renewals, stream } = subscription;
  const { upserts: changed } = set.changesSince(subscription.cursor);
  const unknown = unknownNames(subscription);
  const exists = (id: number) => set.resource(id) !== undefined;
  const gates = hasGate(subscription);
  const plain =
    flights.length === 0 && owed === undefined && subscription.isOrdinary && renewals === undefined && !gates;
  if (plain && !(type.alone && changed.length > 1)) {
    if (changed.length + unknown.length === 0 && !mustAnswer) return NOTHING;
    return { content: { upserts: changed, removals: NONE, unknown, version: lanesVersion(set.lanes) }, news: true };
  }
  const all = wanted(subscription, changed, [...(subscription.gated ?? NONE)]).filter(exists);
  const gated = gates ? all.filter((id) => gatesOf(stream, set.resource(id)).length > 0) : NONE;
  const due = gated.length === 0 ? all : all.filter((id) => !gated.includes(id));
  if (due.length + unknown.length > 0 || mustAnswer) {
    const unanswered = flights.flatMap(({ content }) => content.upserts);
    const repeated = wanted(subscription, due, unanswered).filter((id) => exists(id) && !gated.includes(id));
    const upserts = type.alone ? due.slice(0, 1) : repeated;
    const rest = type.alone ? due.slice(1) : NONE;
    const version = accepted(subscription, upserts, [...rest, ...gated]);
    return { content: { upserts, removals: NONE, unknown, version }, news: true, rest, gated };
  }
  const nothing = { ...NOTHING, gated };
  if (subscription.urgent) return nothing;
  const group = flights.length === 0 ? (trial?.next() ?? NONE) : NONE;
  if (group.length > 0) {
    const upserts = group.filter(exists);
    // What is gone can't be tried.
    const content =
      upserts.length === 0 ? undefined : { upserts, removals: NONE, version: accepted(subscription, upserts) };
    return { content, news: false, group: true };
  }
  const ahead = flights.length === 0 ? [...earlier(subscription, gated).entries()] : [];
  if (ahead.length > 0) {
    // One of a type that goes alone is as good as any.
    const some = type.alone ? ahead.slice(0, 1) : ahead;
    const version = accepted(subscription, NONE, gated);
    const resources = some.map(([, resource]) => resource);
    return {
      content: { upserts: NONE, removals: NONE, resources, version },
      news: false,
      earlier: some.map(([id]) => id),
    };
  }
  const beats = renewable(subscription);
  if (beats.length === 0 || acked === undefined) return nothing;
  // The whole resource again: in the state of the world Envoy passes over a heartbeat without a body, and lets the resource
  // end (rule 56).
  return { content: { upserts: beats, removals: NONE, version: acked.version }, news: false };
}

/** Changed and owed ids, without those that are held back; ascending. */
function wanted(subscription: Subscription, ...changed: readonly (readonly number[])[]): number[] {
  const { owed } = subscription;
  const ids = new Set<number>(changed.flat());
  for (const id of owed ?? []) ids.add(id);
  return [...ids].filter((id) => owed?.has(id) || !subscription.isHeld(id)).sort((a, b) => a - b);
}

/**
 * The version of what the client holds once it accepts a response: without what it rejected and is not sent again. Else it
 * would claim, after a reconnect, to hold what it does not.
 */
function accepted(subscription: Subscription, sent: readonly number[], rest: readonly number[] = NONE): string {
  const { set, quarantine, trial } = subscription;
  const without = new Set([...(trial?.ids() ?? []), ...(quarantine?.keys() ?? []), ...rest]);
  for (const id of sent) without.delete(id);
  let lanes: Lanes = set.lanes;
  for (const id of without) {
    const resource = set.resource(id);
    if (resource !== undefined) lanes = subtractLanes(lanes, resourceLanes(resource));
  }
  return lanesVersion(lanes);
}
