import type { Content } from "../fanout/body-cache.js";
import { partsOf } from "./backlog.js";
import type { Next, NextOptions } from "./next.js";
import { renewable } from "./renewable.js";
import type { Subscription } from "./subscription.js";

const NONE: readonly number[] = [];

/** Delta: upserts and removals since the cursor, with what is owed; then what was rejected, in smaller parts. */
export function nextDelta(subscription: Subscription, options: NextOptions): Next {
  if (subscription.backlog !== undefined) return nextPart(subscription, options);
  const news = nextNews(subscription, options);
  if (news.content !== undefined || news.postponed !== undefined) return news;
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
}

function nextNews(subscription: Subscription, { seq, removalsWait, mostBytes }: NextOptions): Next {
  const { set, type, mustAnswer, cursor } = subscription;
  const { upserts, gone, unknown } = collect(subscription, removalsWait);
  const removals: number[] = [];
  let absent = NONE;
  let postponed: readonly number[] | undefined;
  if (type.missing === "bodiless") absent = unknown;
  if (type.missing === "removed") removals.push(...unknown);
  if (type.missing !== "silent") {
    if (!removalsWait) removals.push(...gone);
    else if (gone.length > 0) postponed = gone;
  }
  const waiting = postponed === undefined ? {} : { postponed };
  if (upserts.length + removals.length + absent.length === 0 && !mustAnswer) {
    return { content: undefined, news: true, ...waiting };
  }
  const parts = partsOf(set, upserts, type.alone ? 0 : mostBytes);
  const content: Content = { upserts: parts[0]!, removals, absent, version: String(seq) };
  const rest = parts.length > 1 ? { backlog: { parts, next: 1, from: cursor, seq } } : {};
  return { content, news: true, ...waiting, ...rest };
}

function collect(subscription: Subscription, removalsWait: boolean): Said {
  const { set, cursor, owed, late, again } = subscription;
  const { upserts, missing } = set.changesSince(cursor);
  // Whoever holds nothing yet can't lose anything.
  const known = cursor > 0;
  if (owed === undefined && subscription.isOrdinary) {
    return { upserts, gone: known ? missing : NONE, unknown: known ? NONE : missing };
  }
  const ids = new Set([...upserts, ...missing, ...(owed ?? NONE), ...(removalsWait ? NONE : (late ?? NONE))]);
  if (subscription.urgent) for (const id of again ?? NONE) ids.add(id);
  const waited = (id: number) => late?.has(id) === true || again?.has(id) === true;
  const said = { upserts: [] as number[], gone: [] as number[], unknown: [] as number[] };
  for (const id of [...ids].sort((a, b) => a - b)) {
    const asked = owed?.has(id) === true;
    if (!asked && subscription.isHeld(id)) continue;
    if (set.resource(id) !== undefined) {
      // A removal that waited, and was taken back, is no news.
      if (!waited(id) || asked || set.changedAt(id) > cursor) said.upserts.push(id);
    }
    // What is owed may be held in another version: where removals wait, its removal does too.
    else if (asked && !(removalsWait && known && set.changedAt(id) > 0)) said.unknown.push(id);
    else if (!asked && !known && !waited(id)) said.unknown.push(id);
    else said.gone.push(id);
  }
  return said;
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
