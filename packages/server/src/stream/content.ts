import { type Lanes, lanesVersion, resourceLanes, subtractLanes } from "@rxds/core";
import type { Content, Protocol } from "../fanout/body-cache.js";
import type { Subscription } from "./subscription.js";

const byNumber = (a: number, b: number): number => a - b;

/** What the stream's next response of this type says; undefined: nothing needs to be said. Changes nothing. */
export function nextContent(subscription: Subscription, protocol: Protocol, seq: number): Content | undefined {
  if (protocol === "delta") return deltaContent(subscription, seq);
  return subscription.type.fullState ? fullContent(subscription) : partialContent(subscription);
}

/** Upserts and removals since the cursor, with what is owed. */
function deltaContent(subscription: Subscription, seq: number): Content | undefined {
  const { set, type, mustAnswer } = subscription;
  const version = String(seq);
  const changed = set.changesSince(subscription.cursor);
  if (subscription.plain || (mustAnswer && isPlainButAsked(subscription))) {
    const removals = type.missing === "silent" ? NONE : changed.missing;
    if (changed.upserts.length + removals.length === 0 && !mustAnswer) return undefined;
    return { upserts: changed.upserts, removals, version };
  }
  const upserts: number[] = [];
  const removals: number[] = [];
  for (const id of wanted(subscription, changed.upserts, changed.missing)) {
    if (set.resource(id) !== undefined) upserts.push(id);
    else if (type.missing !== "silent") removals.push(id);
  }
  if (upserts.length + removals.length === 0 && !mustAnswer) return undefined;
  return { upserts, removals, version };
}

const NONE: readonly number[] = [];

function isPlainButAsked(subscription: Subscription): boolean {
  const { owed, held, quarantine } = subscription;
  return owed === undefined && held === undefined && quarantine === undefined;
}

/** State of the world, all of a set: LDS and CDS, where omission is deletion. */
function fullContent(subscription: Subscription): Content | undefined {
  const { set, mustAnswer, wildcard, nonce, acked } = subscription;
  const upserts = set.current();
  // Silence about names that do not exist (yet): an empty answer would say that they are gone.
  const holdsNothing = nonce === "" && acked === undefined;
  if (upserts.length === 0 && !wildcard && holdsNothing && !mustAnswer) return undefined;
  return { upserts, removals: NONE, version: lanesVersion(set.lanes) };
}

/**
 * State of the world, only what changed or is owed: all other types, where omission says nothing. Of several responses under
 * way, the client answers for all with the newest: so that one repeats what the others said.
 */
function partialContent(subscription: Subscription): Content | undefined {
  const { set, mustAnswer, flights } = subscription;
  const changed = set.changesSince(subscription.cursor);
  if (flights.length === 0 && (subscription.plain || isPlainButAsked(subscription))) {
    if (changed.upserts.length === 0 && !mustAnswer) return undefined;
    return { upserts: changed.upserts, removals: NONE, version: lanesVersion(set.lanes) };
  }
  const exists = (id: number) => set.resource(id) !== undefined;
  const due = wanted(subscription, changed.upserts).filter(exists);
  if (due.length === 0 && !mustAnswer) return undefined;
  const unanswered = flights.flatMap(({ content }) => content.upserts);
  const upserts = wanted(subscription, due, unanswered).filter(exists);
  return { upserts, removals: NONE, version: lanesVersion(acceptedLanes(subscription, new Set(upserts))) };
}

/** Changed, owed and held ids, without those in quarantine; ascending. */
function wanted(subscription: Subscription, ...changed: readonly (readonly number[])[]): number[] {
  const { set, owed, held, heldAt } = subscription;
  const ids = new Set<number>(changed.flat());
  for (const id of owed ?? []) ids.add(id);
  if (set.touched > heldAt || owed !== undefined) for (const id of held ?? []) ids.add(id);
  return [...ids].filter((id) => owed?.has(id) || !subscription.isQuarantined(id)).sort(byNumber);
}

/**
 * The version of what the client holds once it accepts a response: without what it rejected and is not sent again. Else it
 * would claim, after a reconnect, to hold what it does not.
 */
function acceptedLanes(subscription: Subscription, sent: ReadonlySet<number>): Lanes {
  const { set, held, quarantine } = subscription;
  let lanes = set.lanes;
  for (const id of new Set([...(held ?? []), ...(quarantine?.keys() ?? [])])) {
    const resource = sent.has(id) ? undefined : set.resource(id);
    if (resource !== undefined) lanes = subtractLanes(lanes, resourceLanes(resource));
  }
  return lanes;
}
