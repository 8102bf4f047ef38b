import { typeUrls } from "@rxds/core";
import { costs } from "../fanout/costs.js";
import { OVERTAKE_MS } from "../fanout/send-loop.js";
import { nextContent } from "./content.js";
import type { XdsStream } from "./stream.js";
import type { Subscription } from "./subscription.js";

/** While so many bytes wait in the transport, a stream gets no more: what changes meanwhile gathers. */
const MOST_UNSENT = 64 << 10;
/**
 * Responses of one type that may be under way at once in delta. In the state of the world a newer one replaces older ones, of
 * which so many are remembered in case they are rejected.
 */
const MOST_FLIGHTS = 4;

/** Types that send traffic to clusters: they wait until all earlier news of a full-state type before them is sent. */
const SWITCHING: ReadonlySet<string> = new Set([
  typeUrls.listener,
  typeUrls.routes,
  typeUrls.scopedRoutes,
  typeUrls.virtualHost,
  typeUrls.extensionConfig,
]);

/** Sends what a subscription is due, unless something stands in the way. Returns the bytes handed to the transport. */
export function attempt(subscription: Subscription): number {
  const { stream } = subscription;
  if (subscription.closed || stream.closed) return 0;
  if (!subscription.pending) {
    subscription.rest();
    return 0;
  }
  if (isBlocked(subscription)) {
    stream.parked.add(subscription);
    return 0;
  }
  const last = subscription.flights.at(-1);
  if (last !== undefined) {
    // An ACK, or the time, brings it back.
    const full = stream.protocol === "delta" && subscription.flights.length >= MOST_FLIGHTS;
    if (full || performance.now() - last.at < OVERTAKE_MS) return 0;
  }
  return send(subscription);
}

/** Whether the transport, or another type of the same stream, has to go first. */
function isBlocked(subscription: Subscription): boolean {
  const { stream, type } = subscription;
  if (stream.unsent > MOST_UNSENT) return true;
  if (!SWITCHING.has(type.typeUrl)) return false;
  for (const other of stream.subscriptions.values()) {
    if (other.type.fullState && other.type.rank < type.rank && other.pending) return true;
  }
  return false;
}

function send(subscription: Subscription): number {
  const { stream, index, set } = subscription;
  subscription.settleQuarantine();
  const seq = stream.seq();
  const content = nextContent(subscription, stream.protocol, seq);
  const from = subscription.cursor;
  const resent = subscription.owed !== undefined || set.touched > subscription.heldAt;
  if (set.touched > from) subscription.rewatches = 0;
  subscription.cursor = seq;
  subscription.mustAnswer = false;
  // Lets go of names: some are known only because they were owed, and are needed until the response is built.
  const settle = () => {
    subscription.settleOwed();
    if (resent) subscription.settleHeld();
  };
  if (content === undefined) {
    settle();
    subscription.rest();
    stream.unpark();
    return 0;
  }
  const body = index.bodies.get(stream.protocol, set, content);
  const nonce = stream.nextNonce();
  const at = performance.now();
  subscription.nonce = nonce;
  subscription.flights.push({ nonce, at, from, to: seq, content });
  if (subscription.flights.length > MOST_FLIGHTS) subscription.flights.shift();
  costs.sent++;
  stream.unsent += body.length;
  stream.channel.write(body, nonce, () => {
    stream.unsent -= body.length;
    stream.unpark();
  });
  stream.hooks.sent(subscription, nonce, body);
  settle();
  stream.hooks.loop.queueOvertake(subscription, nonce, at);
  if (subscription.type.typeUrl === typeUrls.cluster && from > 0) feed(subscription, from, content.upserts);
  stream.unpark();
  return body.length;
}

/**
 * Owes the client the endpoints of clusters that changed, even if they did not: a changed EDS cluster warms until it gets its
 * endpoints anew, and a delta client does not ask again (rule 49). A cluster that is new to the client is asked for.
 */
function feed(clusters: Subscription, from: number, sent: readonly number[]): void {
  const { stream, index } = clusters;
  const endpoints = stream.subscriptions.get(typeUrls.endpoints);
  if (endpoints === undefined) return;
  const owed = endpoints.owed?.size ?? 0;
  for (const id of sent) {
    // A full state also holds what did not change. A delta holds only what the client lacks: also what it rejected, or has
    // kept from an older stream.
    if (stream.protocol === "sotw" && index.table.changedAt(id) <= from) continue;
    for (const { type, name } of index.table.resource(id)?.references ?? []) {
      const target = type === typeUrls.endpoints ? endpoints.index.table.idOf(name) : undefined;
      if (target !== undefined && endpoints.set.members.has(target) && endpoints.set.resource(target))
        endpoints.owe(target);
    }
  }
  if ((endpoints.owed?.size ?? 0) > owed) stream.hooks.loop.queue(endpoints);
}

/** As {@link feed}, for a client whose first request for endpoints comes after clusters were sent that it has not accepted. */
export function feedLate(stream: XdsStream): void {
  const clusters = stream.subscriptions.get(typeUrls.cluster);
  for (const { from, content } of clusters?.flights ?? []) if (from > 0) feed(clusters!, from, content.upserts);
}
