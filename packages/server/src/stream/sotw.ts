import { lanesVersion, type Resource, typeUrls } from "@rxds/core";
import { costs } from "../fanout/costs.js";
import type { NameSet } from "../fanout/name-set.js";
import { estrange, noteAsked } from "../hitless/estranged.js";
import { plannerOf } from "../hitless/planner.js";
import { noteUnknown } from "../hitless/ready.js";
import type { NameList, SotwRequest } from "../wire/request.js";
import { acknowledge, moveTo, settle, subscriptionTo } from "./answer.js";
import { byName } from "./by-name.js";
import { doubtOvertaken } from "./doubts.js";
import { reject, rejectOvertaken } from "./reject.js";
import type { XdsStream } from "./stream.js";
import type { Subscription } from "./subscription.js";

/** A repeated request is answered so many times between two changes: a client that repeats for ever is not fed for ever. */
const MOST_REWATCHES = 8;

/** One state-of-the-world request: ACK or NACK, and the full set of names (rules 9 to 25 of docs/protocol.md). */
export function handleSotw(stream: XdsStream, typeUrl: string, request: SotwRequest): void {
  const { subscription, first } = subscriptionTo(stream, typeUrl);
  if (first) {
    rename(subscription, request.resourceNames, true);
    // The version is a content hash of the whole set. It tells of names only what the client held when it got it: what it
    // dropped later it holds no more, so only with a wildcard an equal version means that nothing has to be sent (rule 23).
    const version = lanesVersion(subscription.set.lanes);
    if (request.version === version && subscription.wildcard) {
      subscription.cursor = stream.seq();
      const resources = subscription.type.fullState ? heldResources(subscription) : undefined;
      subscription.acked = { version, seq: subscription.cursor, resources };
    } else if (subscription.wildcard) {
      subscription.mustAnswer = true;
      recall(subscription, request.version);
    }
    // Whoever says that it holds something has to hear that all of it is gone: omission is the only way to say so.
    else if (subscription.type.fullState && request.version !== "") subscription.mustAnswer = true;
    if (typeUrl === typeUrls.endpoints) noteAsked(subscription);
    settle(subscription);
    return;
  }
  const flight = subscription.flights.find(({ nonce }) => nonce === request.nonce);
  if (request.nonce !== subscription.nonce) {
    // Its names will come again, unless the client thinks better of it; but it knows that it has named something (rule 27).
    if (request.resourceNames.count > 0) subscription.legacy = false;
    // Stale: only that an overtaken response was rejected is worth knowing.
    if (flight !== undefined && request.error !== undefined) rejectOvertaken(subscription, flight, request.error);
    return;
  }
  if (flight !== undefined) {
    // Older ones are answered for by the newest.
    const overtaken = subscription.flights.filter((other) => other !== flight);
    subscription.flights = [];
    for (const other of overtaken) doubtOvertaken(subscription, other);
    if (request.error === undefined) acknowledge(subscription, flight);
    else reject(subscription, flight, request.error);
  }
  const renamed = rename(subscription, request.resourceNames, false);
  const repeated = !renamed && flight === undefined && request.error === undefined;
  if (repeated && !subscription.wildcard && !subscription.type.fullState) rewatch(subscription);
  settle(subscription);
}

/** A client that reconnected says the version of what it has: it may be remembered what that was. */
function recall(subscription: Subscription, version: string): void {
  const { index, set, stream } = subscription;
  const resources = index.contents.get(version);
  if (plannerOf(stream) === undefined || version === "") return;
  if (resources === undefined) {
    if (subscription.type.typeUrl === typeUrls.cluster) estrange(subscription);
    return;
  }
  subscription.acked = { version, seq: 0, resources };
  const names = byName(resources);
  for (const id of set.current()) if (!names.has(set.table.nameOf(id) ?? "")) noteUnknown(subscription, id);
}

/** What a client holds whose version is that of the whole set. */
function heldResources({ set }: Subscription): readonly Resource[] {
  return set.resources(set.current());
}

/** Envoy repeats a request, ACKed nonce and same names, when it watches anew what it has (rule 24). */
function rewatch(subscription: Subscription): void {
  if (++subscription.rewatches > MOST_REWATCHES) return;
  for (const id of subscription.set.current()) if (!subscription.isHeld(id)) subscription.owe(id);
}

/** Takes the names of a request as the full set; new ones are owed. Returns whether anything is different. */
function rename(subscription: Subscription, list: NameList, first: boolean): boolean {
  const { names: before, wildcard, index, type } = subscription;
  if (!first && isRepeated(subscription, list)) return false;
  const { stream } = subscription;
  costs.namesDecoded += list.count;
  const asked = new Set(list.names());
  const star = asked.delete("*");
  // No names at all, ever: the wildcard of old. Later on it is an unsubscription from everything.
  const legacy = asked.size === 0 && !star && type.fullState && (first || subscription.legacy);
  const names = index.intern(asked, stream.view!.members(type.typeUrl), stream.seq());
  // With a star the same names would be another subscription.
  if (list.raw !== undefined && !star) names.raw = Buffer.from(list.raw);
  subscription.legacy = legacy;
  if (names === before && wildcard === (star || legacy)) {
    index.drop(names);
    return false;
  }
  const added = newIds(names, before);
  const left = newIds(before, names);
  moveTo(subscription, names, star || legacy);
  if (!subscription.wildcard) {
    for (const id of left) subscription.forget(id);
    if (wildcard || left.length > 0) disown(subscription);
  }
  if (first) return true;
  if (!wildcard && subscription.wildcard) {
    subscription.mustAnswer = true;
    // Where a response is not the full state, all that the wildcard adds is owed.
    if (!type.fullState) for (const id of subscription.set.current()) subscription.owe(id);
  }
  // New names are sent even if the version did not change (rule 17); one that does not exist is waited for (rule 21).
  for (const name of added) {
    const meant = subscription.set.meant(name);
    for (const id of meant) subscription.owe(id);
    if (meant.length === 0 && stream.hooks.tellsUnknown) subscription.owe(name);
  }
  return true;
}

/** The client holds no more of what it accepted than it still asks for: asked for again later, that is new to it. */
function disown(subscription: Subscription): void {
  const { acked, set, index } = subscription;
  if (acked?.resources === undefined) return;
  const resources = acked.resources.filter(({ name }) => {
    const id = index.table.idOf(name);
    return id !== undefined && set.members.has(id);
  });
  subscription.acked = { ...acked, resources };
}

/** Whether a request repeats the names of the one before, seen without decoding any. */
function isRepeated({ names, wildcard, legacy }: Subscription, list: NameList): boolean {
  if (list.count === 0) return names?.members.size === 0 && (legacy || !wildcard);
  return !wildcard && list.raw !== undefined && names?.raw?.equals(list.raw) === true;
}

/** The names that were asked for one by one and not before. */
function newIds(names: NameSet | undefined, before: NameSet | undefined): readonly number[] {
  return [...(names?.listed ?? [])].filter((id) => before?.lists(id) !== true);
}
