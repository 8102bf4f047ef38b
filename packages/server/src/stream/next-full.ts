import { addLanes, type Lanes, lanesVersion, type Resource, resourceLanes, subtractLanes } from "@rxds/core";
import type { Content } from "../fanout/body-cache.js";
import { gatesOf, hasGate } from "../hitless/gate.js";
import { plannerOf } from "../hitless/planner.js";
import { revivedNow } from "../hitless/revive.js";
import { earlier } from "../hitless/waiting.js";
import { byName } from "./by-name.js";
import type { Next, NextOptions } from "./next.js";
import { NOTHING } from "./next.js";
import { renewable } from "./renewable.js";
import type { Subscription } from "./subscription.js";
import { unknownNames } from "./unknown-names.js";

const NONE: readonly number[] = [];

/** State of the world, all of a set: the types where omission is deletion. */
export function nextFull(subscription: Subscription, { mayRemove }: NextOptions): Next {
  const { set, wildcard, nonce, acked, flights, trial } = subscription;
  const group = flights.length === 0 ? (trial?.next() ?? NONE) : NONE;
  const changed = set.changesSince(subscription.cursor);
  const resumed = nonce === "" && acked !== undefined;
  const all = subscription.trim || changed.missing.length > 0 || resumed ? goneSince(subscription) : [];
  const revived = revivedNow(subscription, group);
  const stays = new Set(revived.keep.map(({ name }) => name));
  const gone = [...all.filter(({ name }) => !stays.has(name) && !mayRemove(name)), ...revived.keep];
  const back = revived.drop.length > 0 || [...subscription.revived.values()].some(({ sent }) => !sent);
  const gated = gatedIn(subscription);
  const opened = [...(subscription.gated ?? NONE)].some((id) => !gated.includes(id));
  const trims = subscription.trim && gone.length - revived.keep.length < all.length;
  const waits = changed.upserts.length > 0 && changed.missing.length === 0 && changed.upserts.every(isIn(gated));
  const news = subscription.urgent && !(waits && subscription.owed === undefined && !subscription.mustAnswer);
  const ahead = earlier(subscription, gated);
  const due = news || trims || opened || back || ahead.size > 0 || renewable(subscription).length > 0;
  // What is gone may still have to wait, and is not forgotten.
  if (!due && group.length === 0) return { ...NOTHING, trim: subscription.trim, gated };
  const upserts = set.current();
  // Silence about names that do not exist (yet): an empty answer would say that they are gone.
  const holdsNothing = nonce === "" && acked === undefined;
  const unknown = unknownNames(subscription);
  const silent = upserts.length + unknown.length === 0 && !wildcard && holdsNothing;
  if (silent && !subscription.mustAnswer) return NOTHING;
  const held = heldBack(subscription, group, gated);
  const plain = held.size === 0 && gone.length === 0;
  const content = plain
    ? { upserts, removals: NONE, unknown, version: lanesVersion(set.lanes) }
    : { ...altered(subscription, upserts, { held, gone, ahead }), unknown };
  return {
    content,
    news: true,
    group: group.length > 0,
    trim: gone.length > revived.keep.length,
    gated,
    earlier: [...ahead.keys()],
    dropped: revived.drop,
  };
}

const isIn = (ids: readonly number[]) => (id: number) => ids.includes(id);

/** What waits for clusters. */
function gatedIn(subscription: Subscription): readonly number[] {
  if (!hasGate(subscription)) return NONE;
  const { set, stream, gated, cursor } = subscription;
  const candidates = new Set([...set.changesSince(cursor).upserts, ...(gated ?? NONE)]);
  return [...candidates].filter((id) => gatesOf(stream, set.resource(id)).length > 0);
}

/** What is not to be sent as it is now. */
function heldBack(subscription: Subscription, group: readonly number[], gated: readonly number[]): ReadonlySet<number> {
  const { quarantine, trial } = subscription;
  const held = new Set<number>(gated);
  for (const ids of [quarantine?.keys(), trial?.ids()]) {
    for (const id of ids ?? []) if (subscription.isHeld(id)) held.add(id);
  }
  for (const id of group) held.delete(id);
  return held;
}

/** What the client holds, still asks for, and is there no more. */
function goneSince(subscription: Subscription): readonly Resource[] {
  const { set, index, wildcard } = subscription;
  return lastSaid(subscription).filter(({ name }) => {
    const id = index.table.idOf(name);
    if (id !== undefined && set.resource(id) !== undefined) return false;
    return wildcard || (id !== undefined && set.members.has(id));
  });
}

/** What the client holds, as far as it may not be left out: what is under way holds all that has to stay. */
function lastSaid({ acked, refused, flights, stream }: Subscription): readonly Resource[] {
  const last = plannerOf(stream) === undefined ? undefined : (flights.at(-1)?.resources ?? refused);
  return last ?? acked?.resources ?? NOTHING_SAID;
}

const NOTHING_SAID: readonly Resource[] = [];

/** How what a client is sent differs from the current set. */
interface Differences {
  readonly held: ReadonlySet<number>;
  readonly gone: readonly Resource[];
  /** What goes in an earlier version. */
  readonly ahead: ReadonlyMap<number, Resource>;
}

/** The current set with what the client last accepted in place of what is held back, and with what is gone. */
function altered(subscription: Subscription, upserts: readonly number[], { held, gone, ahead }: Differences): Content {
  const { set, acked, index } = subscription;
  const before = byName(acked?.resources ?? []);
  const last = byName(lastSaid(subscription));
  const resources: Resource[] = [];
  let lanes: Lanes = set.lanes;
  for (const id of upserts) {
    const resource = set.resource(id)!;
    if (!held.has(id)) {
      resources.push(resource);
      continue;
    }
    lanes = subtractLanes(lanes, resourceLanes(resource));
    const name = index.table.nameOf(id)!;
    // What only waits goes on as it is under way. What was rejected may be under way, and goes on as it was accepted.
    const good = ahead.get(id) ?? (subscription.isHeld(id) ? before : last).get(name);
    if (good === undefined) continue;
    lanes = addLanes(lanes, resourceLanes(good));
    resources.push(good);
  }
  for (const resource of gone) {
    lanes = addLanes(lanes, resourceLanes(resource));
    resources.push(resource);
  }
  return { upserts, removals: NONE, resources, version: lanesVersion(lanes) };
}
