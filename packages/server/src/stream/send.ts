import { typeUrls } from "@rxds/core";
import type { Content, Dialect, SharedBody } from "../fanout/body-cache.js";
import { costs } from "../fanout/costs.js";
import { OVERTAKE_MS } from "../fanout/send-loop.js";
import { noteDropped } from "../hitless/drop.js";
import { mayAnswer } from "../hitless/estranged.js";
import { holdBack } from "../hitless/held.js";
import { noteKept, notePromised } from "../hitless/promised.js";
import { noteSent } from "../hitless/ready.js";
import { settleRevived } from "../hitless/revive.js";
import { hasEarlier, wentAhead } from "../hitless/waiting.js";
import { doubtOvertaken } from "./doubts.js";
import { feedEndpoints, feedHosts } from "./feed.js";
import { heldBack } from "./held-back.js";
import { type Next, next } from "./next.js";
import { isPreceded, removal } from "./order.js";
import { reconsider } from "./reconsider.js";
import type { Subscription } from "./subscription.js";

/** While so many bytes wait in the transport, a stream gets no more: what changes meanwhile gathers. */
const MOST_UNSENT = 64 << 10;
/**
 * Responses of one type that may be under way at once in delta. In the state of the world a newer one replaces older ones, of
 * which so many are remembered in case they are rejected.
 */
const MOST_FLIGHTS = 4;
/** Responses of one delta type that may be under way at once while a culprit is searched for. */
const MOST_TRIALS = 16;

/** Sends what a subscription is due, unless something stands in the way. Returns the bytes handed to the transport. */
export function attempt(subscription: Subscription): number {
  const { stream } = subscription;
  if (subscription.closed || stream.closed || !stream.hooks.flow.admits(subscription)) return 0;
  if (!subscription.pending) {
    subscription.rest();
    return 0;
  }
  if (stream.unsent > MOST_UNSENT || isPreceded(subscription) || !mayAnswer(subscription)) {
    stream.parked.add(subscription);
    return 0;
  }
  return mayFollow(subscription) ? send(subscription) : 0;
}

/** Whether a response may go out although others are under way. If not, an ACK, or the time, brings the subscription back. */
function mayFollow(subscription: Subscription): boolean {
  const { flights, stream, backlog, urgent, type } = subscription;
  const last = flights.at(-1);
  // The parts of a response are one.
  if (last === undefined || backlog !== undefined) return true;
  const ripe = performance.now() - last.at >= OVERTAKE_MS;
  // A newer response would repeat what is under way, and not be alone.
  if (urgent && stream.protocol === "sotw") return ripe && !type.alone;
  if (urgent) return ripe && flights.length < MOST_FLIGHTS;
  if (stream.protocol === "delta" && subscription.trial !== undefined && flights.length < MOST_TRIALS) return true;
  // Removals and what waits for clusters are looked at again whenever something has happened.
  if (ripe && (subscription.late !== undefined || subscription.trim || subscription.gated !== undefined)) return true;
  // A change has to find it although it waits.
  if (ripe) waitAside(subscription);
  return false;
}

/** Rests, and is looked at again when something else of the stream was sent. */
function waitAside(subscription: Subscription): void {
  subscription.rest();
  subscription.stream.parked.add(subscription);
}

function send(subscription: Subscription): number {
  const { stream, set } = subscription;
  const before = heldBack(subscription);
  subscription.settleQuarantine();
  const { urgent } = subscription;
  const options = {
    seq: stream.seq(),
    mayRemove: removal(subscription),
    mostBytes: stream.hooks.mostResponseBytes,
  };
  const due = next(subscription, options);
  const from = due.part === true ? subscription.backlog!.from : subscription.cursor;
  if (due.news && set.touched > subscription.cursor) subscription.rewatches = 0;
  const tried = [...((due.group && subscription.trial?.next()) || []), ...(subscription.owed ?? [])];
  const anew = before.length + tried.length > 0 ? new Set([...before, ...tried]) : undefined;
  const sent = due.content === undefined ? 0 : hand(subscription, due.content, from, options.seq, anew);
  settle(subscription, due, options.seq);
  // Those who only wait for each other must not wake each other.
  if (due.content !== undefined || urgent) stream.unpark();
  if (due.content !== undefined) {
    feed(subscription, due.content, from, tried);
    reconsider(subscription, due.content);
  } else if (subscription.urgent) stream.hooks.loop.queue(subscription);
  else if (subscription.pending) waitAside(subscription);
  else subscription.rest();
  // More of the same response, or of the same search, need not wait.
  const more = subscription.backlog !== undefined || subscription.trial !== undefined;
  const ahead = due.news && subscription.flights.length === 0 && hasEarlier(subscription);
  if (more || ahead) stream.hooks.loop.queue(subscription);
  return sent;
}

/** Hands a response to the transport. Returns its bytes. */
function hand(
  subscription: Subscription,
  content: Content,
  from: number,
  to: number,
  anew: ReadonlySet<number> | undefined,
): number {
  const { stream, index, set, type, flights } = subscription;
  const body = index.bodies.get(dialect(subscription), set, content);
  const nonce = stream.nextNonce();
  const at = performance.now();
  const whole = stream.protocol === "sotw" && type.fullState;
  const since = subscription.plain ? from : oldest(subscription, content, from);
  subscription.nonce = nonce;
  if (whole) index.contents.set(content.version, body.resources);
  const resources = whole ? body.resources : undefined;
  flights.push({ nonce, at, from: since, to, content: body.content, anew, resources });
  if (stream.protocol === "sotw" && flights.length > MOST_FLIGHTS) doubtOvertaken(subscription, flights.shift()!);
  costs.sent++;
  stream.unsent += body.length;
  if (type.typeUrl === typeUrls.cluster) {
    noteSent(subscription, content.upserts, from);
    noteDropped(subscription, body);
  }
  notePromised(subscription, body, from);
  noteKept(subscription, content.upserts);
  write(subscription, nonce, body);
  stream.hooks.sent(subscription, nonce, body);
  stream.hooks.loop.queueOvertake(subscription, nonce, at);
  return body.length;
}

/** The commit before the oldest news in a response: what had to wait, or goes again, is older than the cursor. */
function oldest({ set, acked }: Subscription, { upserts, removals }: Content, from: number): number {
  let oldest = from;
  for (const ids of [upserts, removals]) for (const id of ids) oldest = Math.min(oldest, set.changedAt(id) - 1);
  // What a full state leaves out is not in it.
  return acked?.resources === undefined ? Math.max(0, oldest) : Math.min(oldest, acked.seq);
}

function write(subscription: Subscription, nonce: string, body: SharedBody): void {
  const { stream } = subscription;
  const passed = stream.hooks.flow.wrote(subscription, body.length);
  stream.channel.write(body, nonce, () => {
    stream.unsent -= body.length;
    passed();
    stream.unpark();
  });
}

function dialect({ stream, index, type }: Subscription): Dialect {
  // A type that tells of nothing by a resource without a body can't renew anything by one (rule 56).
  return stream.takesTtl && index.ttl.any && type.missing !== "bodiless" ? `${stream.protocol}-ttl` : stream.protocol;
}

/** Notes what was sent, and lets go of names that were needed until the response was built. */
function settle(subscription: Subscription, due: Next, seq: number): void {
  const { backlog, urgent } = subscription;
  if (due.group) subscription.shiftTrial();
  if (due.part) {
    const after = { ...backlog!, next: backlog!.next + 1 };
    subscription.backlog = after.next < after.parts.length ? after : undefined;
  }
  subscription.renewals = undefined;
  if (due.dropped !== undefined) settleRevived(subscription, due.dropped);
  if (due.earlier !== undefined) wentAhead(subscription, due.earlier);
  if (!due.news) return;
  subscription.cursor = seq;
  subscription.mustAnswer = false;
  subscription.trim = due.trim === true;
  subscription.backlog = due.backlog;
  subscription.settleOwed();
  if (urgent) subscription.settleAgain();
  subscription.postpone(due.late ?? []);
  holdBack(subscription, due.gated ?? []);
  for (const id of due.rest ?? []) subscription.owe(id);
}

/** Sends along what clients need after this, and do not ask for. */
function feed(subscription: Subscription, content: Content, from: number, tried?: readonly number[]): void {
  const { stream, type } = subscription;
  // A client that had nothing asks for what it needs.
  if (from === 0) return;
  if (type.typeUrl === typeUrls.cluster) feedEndpoints(subscription, from, content, tried);
  if (type.typeUrl === typeUrls.routes && stream.protocol === "delta") feedHosts(subscription, content);
}
