import { addLanes, type Lanes, lanesVersion, type Resource, resourceLanes, subtractLanes } from "@rxds/core";
import type { Content } from "../fanout/body-cache.js";
import { byName } from "./by-name.js";
import type { Next, NextOptions } from "./next.js";
import { NOTHING } from "./next.js";
import { renewable } from "./renewable.js";
import type { Subscription } from "./subscription.js";
import { unknownNames } from "./unknown-names.js";

const NONE: readonly number[] = [];

/** State of the world, all of a set: the types where omission is deletion. */
export function nextFull(subscription: Subscription, { removalsWait }: NextOptions): Next {
  const { set, wildcard, nonce, acked, flights, trial } = subscription;
  const group = flights.length === 0 ? (trial?.next() ?? NONE) : NONE;
  const due = subscription.urgent || (subscription.trim && !removalsWait) || renewable(subscription).length > 0;
  // What is gone may still have to wait, and is not forgotten.
  if (!due && group.length === 0) return { ...NOTHING, trim: subscription.trim };
  const upserts = set.current();
  // Silence about names that do not exist (yet): an empty answer would say that they are gone.
  const holdsNothing = nonce === "" && acked === undefined;
  const unknown = unknownNames(subscription);
  const silent = upserts.length + unknown.length === 0 && !wildcard && holdsNothing;
  if (silent && !subscription.mustAnswer) return NOTHING;
  const held = heldBack(subscription, group);
  const gone = removalsWait ? goneSince(subscription) : [];
  const plain = held.size === 0 && gone.length === 0;
  const content = plain
    ? { upserts, removals: NONE, unknown, version: lanesVersion(set.lanes) }
    : { ...altered(subscription, upserts, held, gone), unknown };
  return { content, news: true, group: group.length > 0, trim: gone.length > 0 };
}

/** What is not to be sent as it is now. */
function heldBack(subscription: Subscription, group: readonly number[]): ReadonlySet<number> {
  const { quarantine, trial } = subscription;
  const held = new Set<number>();
  for (const ids of [quarantine?.keys(), trial?.ids()]) {
    for (const id of ids ?? []) if (subscription.isHeld(id)) held.add(id);
  }
  for (const id of group) held.delete(id);
  return held;
}

/** What the client holds, still asks for, and is there no more. */
function goneSince({ acked, set, index, wildcard }: Subscription): readonly Resource[] {
  return (acked?.resources ?? []).filter(({ name }) => {
    const id = index.table.idOf(name);
    if (id !== undefined && set.resource(id) !== undefined) return false;
    return wildcard || (id !== undefined && set.members.has(id));
  });
}

/** The current set with what the client last accepted in place of what is held back, and with what is gone. */
function altered(
  { set, acked, index }: Subscription,
  upserts: readonly number[],
  held: ReadonlySet<number>,
  gone: readonly Resource[],
): Content {
  const before = byName(acked?.resources ?? []);
  const resources: Resource[] = [];
  let lanes: Lanes = set.lanes;
  for (const id of upserts) {
    const resource = set.resource(id)!;
    if (!held.has(id)) {
      resources.push(resource);
      continue;
    }
    lanes = subtractLanes(lanes, resourceLanes(resource));
    const good = before.get(index.table.nameOf(id)!);
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
