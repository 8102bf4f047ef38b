import { typeUrls } from "@rxds/core";
import type { Content } from "../fanout/body-cache.js";
import { gatesOf, hasGate } from "../hitless/gate.js";
import { plannerOf } from "../hitless/planner.js";
import { revivedNow } from "../hitless/revive.js";
import { earlier } from "../hitless/waiting.js";
import { partsOf } from "./backlog.js";
import type { Next, NextOptions } from "./next.js";
import { renewable } from "./renewable.js";
import type { Subscription } from "./subscription.js";

const NONE: readonly number[] = [];

/** Delta: upserts and removals since the cursor, with what is owed; then what was rejected, in smaller parts. */
export function nextDelta(subscription: Subscription, options: NextOptions): Next {
  if (subscription.backlog !== undefined) return nextPart(subscription, options);
  const news = nextNews(subscription, options);
  if (news.content !== undefined || subscription.urgent) return news;
  const back = nextRevived(subscription, options) ?? nextEarlier(subscription, options);
  if (back !== undefined) return back;
  return nextGroup(subscription, options) ?? nextRenewals(subscription, options) ?? news;
}

function nextPart({ backlog, set }: Subscription, { seq }: NextOptions): Next {
  const part = backlog!.parts[backlog!.next]!;
  // What changed since, or is gone, comes with what else changed.
  const stands = (id: number) => set.resource(id) !== undefined && set.changedAt(id) <= backlog!.seq;
  const upserts = part.every(stands) ? part : part.filter(stands);
  const content = upserts.length === 0 ? undefined : { upserts, removals: NONE, version: String(seq) };
  return { content, news: false, part: true };
}

/** What a response has to say, sorted. */
interface Said {
  readonly upserts: readonly number[];
  /** Held by the client, and gone. */
  readonly gone: readonly number[];
  /** Asked for, and not there. */
  readonly unknown: readonly number[];
  /** Held by the client, gone, and not to be taken from it yet. */
  readonly late: readonly number[];
  /** Waits for clusters. */
  readonly gated: readonly number[];
}

function nextNews(subscription: Subscription, options: NextOptions): Next {
  const { set, type, mustAnswer, cursor, stream } = subscription;
  const { seq, mostBytes } = options;
  const said = collect(subscription, options);
  const { upserts, unknown, gated } = said;
  // What takes the place of a listener that the client got back goes together with its removal.
  const dropped = upserts.length > 0 && subscription.revived.size > 0 ? revivedNow(subscription).drop : NONE;
  // What is taken away goes in a response of its own, as far as there is a choice: nobody knows what a client does with the
  // rest of a response that it rejects.
  const apart = upserts.length > 0 && said.gone.length > 0 && type.typeUrl === typeUrls.cluster && plannerOf(stream);
  const late = apart ? [...said.late, ...said.gone] : said.late;
  const removals: number[] = apart || type.missing === "silent" ? [] : [...said.gone];
  for (const id of dropped) if (set.resource(id) === undefined) removals.push(id);
  if (type.missing === "removed") removals.push(...unknown);
  const absent = type.missing === "bodiless" ? unknown : NONE;
  const waiting = { late: type.missing === "silent" ? NONE : late, gated, dropped };
  if (upserts.length + removals.length + absent.length === 0 && !mustAnswer) {
    return { content: undefined, news: true, ...waiting };
  }
  const parts = partsOf(set, upserts, type.alone ? 0 : mostBytes);
  const content: Content = { upserts: parts[0]!, removals, absent, version: String(seq) };
  const rest = parts.length > 1 ? { backlog: { parts, next: 1, from: cursor, seq } } : {};
  return { content, news: true, ...waiting, ...rest };
}

function collect(subscription: Subscription, { mayRemove }: NextOptions): Said {
  const { set, cursor, owed, late, gated, again, stream, type } = subscription;
  const { upserts, missing } = set.changesSince(cursor);
  // Whoever holds nothing yet can't lose anything.
  const known = cursor > 0;
  const gates = hasGate(subscription);
  if (owed === undefined && subscription.isOrdinary && !gates && (missing.length === 0 || !known)) {
    return { upserts, gone: NONE, unknown: known ? NONE : missing, late: NONE, gated: NONE };
  }
  const ids = new Set([...upserts, ...missing, ...(owed ?? NONE), ...(late ?? NONE), ...(gated ?? NONE)]);
  if (subscription.urgent) for (const id of again ?? NONE) ids.add(id);
  const waited = (id: number) => late?.has(id) === true || again?.has(id) === true;
  const said = { upserts: [], gone: [], unknown: [], late: [], gated: [] } as Record<keyof Said, number[]>;
  const remove = (id: number) => (mayRemove(set.table.nameOf(id) ?? "") ? said.gone : said.late).push(id);
  for (const id of [...ids].sort((a, b) => a - b)) {
    const asked = owed?.has(id) === true;
    if (!asked && subscription.isHeld(id)) continue;
    if (set.resource(id) !== undefined) {
      // A removal that waited, and was taken back, is no news.
      if (waited(id) && !asked && set.changedAt(id) <= cursor) continue;
      const waits = gates && gatesOf(stream, set.resource(id)).length > 0;
      (waits ? said.gated : said.upserts).push(id);
    } else if (asked) {
      // What is owed may be held in another version: where removals wait, its removal does too.
      // Clusters that stay for now may need what is asked for late: told that it is gone they would go on without.
      const inForce = plannerOf(stream) !== undefined || stream.planner?.awaited !== undefined;
      const needed = type.typeUrl === typeUrls.endpoints && inForce;
      const mayBeHeld = needed || late?.has(id) === true || (known && set.changedAt(id) > cursor);
      if (mayBeHeld && !mayRemove(set.table.nameOf(id) ?? "")) said.late.push(id);
      else said.unknown.push(id);
    } else if (!known && !waited(id)) said.unknown.push(id);
    else remove(id);
  }
  return said;
}

/** What the client gets back. */
function nextRevived(subscription: Subscription, { seq }: NextOptions): Next | undefined {
  if (subscription.revived.size === 0) return undefined;
  const { keep, drop } = revivedNow(subscription);
  const resources = [...subscription.revived.values()].flatMap(({ resource, sent }) =>
    !sent && keep.includes(resource) ? [resource] : [],
  );
  const removals = drop.filter((id) => subscription.set.resource(id) === undefined);
  if (resources.length + drop.length === 0) return undefined;
  const content = { upserts: NONE, removals, resources, version: String(seq) };
  return { content: resources.length + removals.length > 0 ? content : undefined, news: false, dropped: drop };
}

/** What waits, in versions of before that need not wait any more. */
function nextEarlier(subscription: Subscription, { seq }: NextOptions): Next | undefined {
  const found = earlier(subscription, [...(subscription.gated ?? NONE)]);
  if (found.size === 0) return undefined;
  const content = { upserts: NONE, removals: NONE, resources: [...found.values()], version: String(seq) };
  return { content, news: false, earlier: [...found.keys()] };
}

function nextGroup({ set, type, trial }: Subscription, { seq }: NextOptions): Next | undefined {
  const ids = trial?.next() ?? NONE;
  if (ids.length === 0) return undefined;
  const exists = (id: number) => set.resource(id) !== undefined;
  const upserts = ids.filter(exists);
  const removals = type.missing === "silent" ? NONE : ids.filter((id) => !exists(id));
  return { content: { upserts, removals, version: String(seq) }, news: false, group: true };
}

function nextRenewals(subscription: Subscription, { seq }: NextOptions): Next | undefined {
  const renewals = renewable(subscription);
  if (renewals.length === 0) return undefined;
  return { content: { upserts: NONE, removals: NONE, renewals, version: String(seq) }, news: false };
}
