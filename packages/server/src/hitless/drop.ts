import { type Resource, sameResource, typeUrls } from "@rxds/core";
import type { SharedBody } from "../fanout/body-cache.js";
import { byName } from "../stream/by-name.js";
import type { Subscription } from "../stream/subscription.js";
import { isSwitching } from "../stream/switching.js";
import { type Leaving, type Planner, plannerOf } from "./planner.js";

/**
 * Whether a cluster that is gone may be taken from the client: nothing that the client may hold leads to it, and that for as
 * long as requests may be under way. Arranges to be asked again when that may be so.
 */
export function mayDrop(clusters: Subscription, name: string): boolean {
  const planner = plannerOf(clusters.stream);
  if (planner === undefined) return true;
  const now = performance.now();
  const id = clusters.index.table.idOf(name);
  const goneAt = id === undefined ? 0 : clusters.index.table.changedAt(id);
  const known = planner.leaving.get(name);
  // It may have come back in between.
  const leaving = known?.goneAt === goneAt ? known : { by: undefined, goneAt, freeSince: undefined };
  planner.leaving.set(name, leaving);
  const linger = lingerOf(clusters, planner, name, leaving);
  if (linger === undefined) {
    leaving.freeSince = undefined;
    return false;
  }
  leaving.freeSince ??= now;
  if (now >= leaving.freeSince + linger) return true;
  planner.wakeAt(leaving.freeSince + linger, clusters);
  return false;
}

/** A response is about to be sent that takes clusters from the client. */
export function noteDropped(clusters: Subscription, { content, resources }: SharedBody): void {
  const leaving = clusters.stream.planner?.leaving;
  if (leaving === undefined || leaving.size === 0) return;
  for (const id of content.removals) leaving.delete(clusters.index.table.nameOf(id) ?? "");
  // Delta says what goes; a state of the world what stays.
  const names = clusters.stream.protocol === "sotw" ? byName(resources) : undefined;
  for (const name of [...leaving.keys()]) {
    const id = clusters.index.table.idOf(name);
    const back = id !== undefined && clusters.set.resource(id) !== undefined;
    if (back || names?.has(name) === false) leaving.delete(name);
  }
}

/** How long it has to stay, in ms, now that nothing leads to it; undefined: something may, which is noted. */
function lingerOf(clusters: Subscription, planner: Planner, name: string, leaving: Leaving): number | undefined {
  const { stream } = clusters;
  const { rules } = planner;
  const { goneAt } = leaving;
  let linger = rules.lingerMs;
  leaving.by = undefined;
  if (performance.now() < planner.unsureUntil) {
    planner.wakeAt(planner.unsureUntil, clusters);
    leaving.by = { type: typeUrls.listener, name: "" };
    return undefined;
  }
  for (const other of stream.subscriptions.values()) {
    const { typeUrl: type } = other.type;
    if (!isSwitching(type)) continue;
    for (const { id: by, seq, retryMs } of other.index.former.of(name)) {
      if (!other.set.members.has(by)) continue;
      if (mayHold(other, by, seq) || isWarming(other, by)) {
        leaving.by = { type, name: other.index.table.nameOf(by) ?? "" };
        return undefined;
      }
      // What a listener itself names goes on for its old connections until they are drained.
      linger = Math.max(linger, rules.lingerMs + retryMs, type === typeUrls.listener ? rules.drainMs : 0);
    }
    // Not all that leads somewhere can be seen: so nothing goes before the news of its commit was accepted.
    if (acceptedUpTo(other) < goneAt) {
      leaving.by = { type, name: "" };
      return undefined;
    }
  }
  return linger;
}

const NOTHING: readonly Resource[] = [];

/** Whether the client may hold a version of before that commit. */
function mayHold(subscription: Subscription, id: number, seq: number): boolean {
  const { set, gated, late, quarantine, type, flights, acked, index } = subscription;
  // Where omission is no deletion, what came back is held in its version of before until the new one is accepted.
  const heardAt = type.fullState ? seq : Math.max(seq, set.shownSince(id));
  if (acceptedUpTo(subscription) < heardAt || flights.some(({ anew }) => anew?.has(id))) return true;
  // A listener that is gone may have to stay until another one can take its address.
  if (gated?.has(id) || late?.has(id) || quarantine?.has(id) || subscription.isHeld(id)) return true;
  // State of the world: what was held back is in what was accepted last.
  const said = byName(acked?.resources ?? NOTHING).get(index.table.nameOf(id) ?? "");
  const current = set.resource(id);
  if (said !== undefined && (current === undefined || !sameResource(said, current))) return true;
  // Of what is gone a client hears only where omission is deletion: it goes on with it while it asks for it.
  return current === undefined && !type.fullState;
}

/** Whether a listener was accepted and goes on in an older version, because it waits for routes or secrets. */
function isWarming({ stream, set, type }: Subscription, id: number): boolean {
  if (type.typeUrl !== typeUrls.listener) return false;
  return (set.resource(id)?.references ?? []).some(({ type: of, name }) => {
    const other = stream.subscriptions.get(of);
    const needed = other?.index.table.idOf(name);
    if (other === undefined || needed === undefined || (of !== typeUrls.routes && of !== typeUrls.secret)) return false;
    if (!other.set.members.has(needed) || other.set.resource(needed) === undefined) return false;
    if (other.owed?.has(needed) || other.gated?.has(needed)) return true;
    const { flights } = other;
    return acceptedUpTo(other) < other.set.changedAt(needed) || flights.some(({ anew }) => anew?.has(needed));
  });
}

/**
 * The commit up to which the client has accepted all news of a type, but for what is held back. Less than any: it is not known
 * what the client holds.
 */
function acceptedUpTo({ flights, cursor, set, backlog, owed, gated, resumed }: Subscription): number {
  // Of what waits it is not known either what the version leads to that the client came back with.
  if (resumed && (flights.length > 0 || owed !== undefined || backlog !== undefined || gated !== undefined)) return -1;
  if (flights.length > 0) return flights[0]!.from;
  return set.touched <= cursor && backlog === undefined ? Number.POSITIVE_INFINITY : cursor;
}
