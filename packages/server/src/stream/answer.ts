import { OVERTAKE_MS } from "../fanout/send-loop.js";
import { noteAccepted } from "../hitless/ready.js";
import { byName } from "./by-name.js";
import { settleDoubts } from "./doubts.js";
import type { Flight } from "./flight.js";
import type { XdsStream } from "./stream.js";
import { Subscription } from "./subscription.js";

/** The subscription to a type; made when a client first asks for it. */
export function subscriptionTo(stream: XdsStream, typeUrl: string): { subscription: Subscription; first: boolean } {
  const known = stream.subscriptions.get(typeUrl);
  if (known !== undefined) return { subscription: known, first: false };
  const view = stream.view!;
  const table = view.index.table(typeUrl);
  // Nothing, until the request says what.
  const names = table.intern([], view.members(typeUrl), stream.seq());
  const subscription = new Subscription(stream, table, names);
  subscription.names = names;
  stream.subscriptions.set(typeUrl, subscription);
  return { subscription, first: true };
}

/** Moves a subscription to what its wildcard and names say now. Takes over the holder's count of `names`. */
export function moveTo(subscription: Subscription, names: Subscription["names"], wildcard: boolean): void {
  const { index, stream } = subscription;
  const old = subscription.names;
  subscription.names = names;
  subscription.wildcard = wildcard;
  const everything = index.wild(stream.view!.members(index.table.type), stream.seq());
  subscription.moveTo(wildcard ? everything : names!);
  if (old !== undefined) index.drop(old);
  if (!wildcard) subscription.narrow();
}

/** The client accepted a response. */
export function acknowledge(subscription: Subscription, flight: Flight): void {
  const { version } = flight.content;
  subscription.acked = { version, seq: flight.to, resources: flight.resources };
  subscription.refused = undefined;
  settleDoubts(subscription, flight);
  vindicate(subscription, flight);
  noteAccepted(subscription, flight);
  subscription.stream.hooks.acked(subscription, flight.nonce, version);
}

/** What the client rejected in an earlier response, and now accepted, is neither kept from it nor tried any more. */
function vindicate(subscription: Subscription, { content, to, resources }: Flight): void {
  const { quarantine, trial, set, index } = subscription;
  if (quarantine === undefined && trial === undefined) return;
  const said = resources === undefined ? undefined : byName(resources);
  for (const id of content.upserts) {
    if (!subscription.isHeld(id) || set.changedAt(id) > to) continue;
    // A full state may have held an older version in its place.
    const is = said?.get(index.table.nameOf(id) ?? "")?.version;
    if (said === undefined || is === set.resource(id)?.version) subscription.vindicate(id);
  }
}

/** Puts a subscription where it belongs after a request: in line, or to rest. */
export function settle(subscription: Subscription): void {
  if (subscription.pending) subscription.stream.hooks.loop.queue(subscription);
  else {
    const last = subscription.flights.at(-1);
    // Until a response may be overtaken, the send loop keeps an eye on it.
    if (last === undefined || performance.now() - last.at >= OVERTAKE_MS) subscription.rest();
  }
  subscription.stream.unpark();
}
