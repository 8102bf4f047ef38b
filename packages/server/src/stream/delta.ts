import { isCollection, typeUrls } from "@rxds/core";
import { costs } from "../fanout/costs.js";
import type { NameSet } from "../fanout/name-set.js";
import { noteUnfed, noteUnknown } from "../hitless/ready.js";
import { WireError } from "../wire/reader.js";
import type { DeltaRequest } from "../wire/request.js";
import { acknowledge, moveTo, settle, subscriptionTo } from "./answer.js";
import { feedLate } from "./feed.js";
import { reject } from "./reject.js";
import type { XdsStream } from "./stream.js";
import type { Subscription } from "./subscription.js";

/** One delta request: ACK or NACK, and changes of the subscription (rules 29 to 46 of docs/protocol.md). */
export function handleDelta(stream: XdsStream, typeUrl: string, request: DeltaRequest): void {
  const { subscription, first } = subscriptionTo(stream, typeUrl);
  if (request.nonce !== "") answer(subscription, request);
  const subscribed = resubscribe(subscription, request, first);
  if (first) {
    if (request.initialVersions.size > 0) resume(subscription, request.initialVersions);
    if (typeUrl === typeUrls.endpoints) feedLate(stream);
    // An empty answer tells a client with a wildcard that there is nothing (else it would wait).
    if (subscription.wildcard) subscription.mustAnswer = true;
  }
  // What a first request asks for is everything in its set; beside a wildcard, a name may also be one that does not exist,
  // or no more when its turn comes.
  for (const name of subscribed) {
    const meant = subscription.set.meant(name);
    const beside = subscription.wildcard && !request.initialVersions.has(subscription.index.table.nameOf(name) ?? "");
    if (meant.length === 0 || (first && beside)) subscription.owe(name);
    else if (!first) for (const id of meant) subscription.owe(id);
  }
  settle(subscription);
}

function answer(subscription: Subscription, request: DeltaRequest): void {
  const at = subscription.flights.findIndex((flight) => flight.nonce === request.nonce);
  if (at < 0) return;
  const [flight] = subscription.flights.splice(at, 1);
  if (request.error === undefined) acknowledge(subscription, flight!);
  else reject(subscription, flight!, request.error);
  const { flights, owed, backlog, gated } = subscription;
  const open = owed !== undefined || backlog !== undefined || gated !== undefined;
  if (flights.length === 0 && !open) subscription.resumed = false;
}

/** Applies the subscription's changes. Returns the ids of the names that were asked for: each is to be sent (rule 36). */
function resubscribe(subscription: Subscription, request: DeltaRequest, first: boolean): readonly number[] {
  const { subscribe, unsubscribe } = request;
  const { index, type, stream } = subscription;
  // A first request without names is the wildcard of old.
  const legacy = first && subscribe.count === 0 && type.fullState;
  if (subscribe.count + unsubscribe.count === 0 && !legacy) return [];
  costs.namesDecoded += subscribe.count + unsubscribe.count;
  const wanted = new Set(subscribe.names());
  const unwanted = new Set(unsubscribe.names());
  const star = wanted.delete("*");
  const stays = subscription.wildcard && !unwanted.delete("*");
  const widened = !first && star && !stays;
  const names = subscription.names!;
  const less = new Set<number>();
  const covered: number[] = [];
  for (const name of unwanted) {
    // What is asked for in the same breath stays.
    if (wanted.has(name)) continue;
    for (const id of subscribedBy(names, index.table.idOf(name))) {
      less.add(id);
      subscription.forget(id);
      // A wildcard covers it now: the client is told how it stands (rule 30).
      if (!stays && !star) continue;
      subscription.owe(id);
      covered.push(id);
    }
  }
  const next = index.adjust(names, wanted, less, stream.seq());
  if (next.members.size > stream.hooks.mostNames) {
    index.drop(next);
    throw new WireError(`more than ${stream.hooks.mostNames} names of one type`);
  }
  moveTo(subscription, next, stays || star || legacy);
  for (const id of covered) oweMeant(subscription, id);
  const asked = [...wanted].map((name) => index.table.idOf(name)!);
  // A wildcard that comes later, or again: everything that it covers was asked for.
  if (widened || (!first && star)) {
    subscription.mustAnswer = true;
    asked.push(...subscription.set.current());
    // Names that were asked for before and not answered: the wildcard does not tell of those that do not exist.
    if (subscription.cursor === 0) asked.push(...(next.listed ?? []));
    // What is under way counts again when it arrives: if it is gone by now, the client has to hear of that.
    for (const { content } of subscription.flights) {
      asked.push(...content.upserts.filter((id) => index.table.nameOf(id) !== undefined));
    }
  }
  return asked;
}

/** Where a name stands for another resource, it is that which is owed. */
function oweMeant(subscription: Subscription, id: number): void {
  const meant = subscription.set.meant(id);
  if (meant.length === 0 || meant.includes(id)) return;
  for (const other of meant) subscription.owe(other);
  subscription.forget(id);
}

/**
 * The names by which a client subscribed to what it now unsubscribes from: that name itself, or else another one of the
 * same resource (rule 46). None: what was not subscribed to can't be unsubscribed from (rule 38).
 */
function subscribedBy(names: NameSet, id: number | undefined): readonly number[] {
  if (id === undefined) return [];
  if (names.lists(id)) return [id];
  const { table } = names;
  const resources = [id, ...(table.membersOf(id) ?? [])];
  const others = resources.flatMap((resource) => [resource, ...table.groupsOf(resource)]);
  // A member of a collection is not the collection.
  return [...new Set(others)].filter((other) => names.lists(other) && !isCollection(table.nameOf(other) ?? ""));
}

/**
 * A client that reconnected says what it holds (rule 40): equal versions are not sent again, other ones are, and what is
 * gone is said to be.
 */
function resume(subscription: Subscription, held: ReadonlyMap<string, string>): void {
  const { index, set } = subscription;
  const have = new Set<number>();
  const gone: number[] = [];
  for (const [name, version] of held) {
    const id = index.table.idOf(name);
    const resource = id === undefined ? undefined : set.resource(id);
    if (resource?.version === version) have.add(id!);
    else if (resource === undefined && mayLose(subscription, id)) gone.push(index.table.retain(name));
  }
  const { upserts, missing } = set.changesSince(0);
  for (const id of upserts) {
    if (have.has(id)) continue;
    subscription.owe(id);
    if (!held.has(index.table.nameOf(id) ?? "")) noteUnknown(subscription, id);
  }
  for (const id of missing) if (!gone.includes(id)) subscription.owe(id);
  noteUnfed(subscription, (id) => have.has(id) || held.has(index.table.nameOf(id) ?? ""));
  subscription.postpone([...(subscription.late ?? []), ...gone]);
  for (const id of gone) index.table.release(id);
  subscription.cursor = subscription.stream.seq();
  subscription.resumed = true;
  const { stream, type } = subscription;
  stream.planner?.resumed(type.typeUrl, stream.subscriptions.has(typeUrls.listener));
}

/**
 * Whether a client that holds a resource which is gone has to hear of it. What it holds by another name than the resource's
 * own, it must have asked for by a name that stands for nothing else now.
 */
function mayLose({ wildcard, set }: Subscription, id: number | undefined): boolean {
  if (wildcard || (id !== undefined && set.members.has(id))) return true;
  return (
    set.listed?.some((name) => set.meant(name).length === 0 || isCollection(set.table.nameOf(name) ?? "")) === true
  );
}
