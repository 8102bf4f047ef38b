import { sameResource, type XdsResource } from "../resource.js";
import { nackError } from "./answers.js";
import { findFaults, type Judge, VIRTUAL_HOST } from "./find-faults.js";
import { type DeltaResponse, WILDCARD, type WireResource, type XdsResourceError } from "./messages.js";
import { drop, heldBy, hold, isWanted, type SubStream } from "./sub-stream.js";

/** What a response did. */
export type Outcome =
  /** It was not for us: nothing of the type was asked for on this stream. It is not answered. */
  | { readonly kind: "ignored" }
  /** It was refused as a whole, for these reasons; nothing changed. A NACK is queued. */
  | { readonly kind: "refused"; readonly reasons: readonly string[] }
  /** It was applied as a whole. An ACK is queued. */
  | { readonly kind: "accepted"; readonly change: Change };

/** How the held resources and the answers changed. */
export interface Change {
  /** New resources, and resources that differ from what was held before. */
  readonly upserts: readonly XdsResource[];
  /** Names of resources that were held and no longer are. */
  readonly removals: readonly string[];
  /** Wanted names of which the server now says that they do not exist. */
  readonly missing: readonly string[];
  /** Errors for wanted names. */
  readonly errors: readonly XdsResourceError[];
  /** What is held already, came again, and was not confirmed yet; absent: nothing. */
  readonly repeated?: readonly XdsResource[];
}

const NOT_FOUND = 5;

/**
 * Applies a response, or refuses it as a whole, and queues the answer. A response without a nonce cannot be answered.
 *
 * @param judge says whether a new resource can be used.
 * @param now the caller's clock in milliseconds, for times to live.
 */
export function receive(sub: SubStream, response: DeltaResponse, judge: Judge, now: number): Outcome {
  const { stream } = sub;
  if (stream === undefined) return { kind: "ignored" };
  const { faults, resources } = findFaults(sub, response, judge);
  if (faults.length > 0) {
    if (response.nonce !== "") stream.answers.push({ nonce: response.nonce, error: nackError(faults.join("; ")) });
    return { kind: "refused", reasons: faults };
  }
  const change = apply(sub, response, resources, now);
  const wildcardTold = stream.told.has(WILDCARD) && !stream.subscribe.has(WILDCARD) && sub.wanted.has(WILDCARD);
  if (wildcardTold) sub.wildcardAnswered = true;
  if (response.nonce !== "") stream.answers.push({ nonce: response.nonce });
  return { kind: "accepted", change };
}

function apply(
  sub: SubStream,
  response: DeltaResponse,
  resources: ReadonlyMap<string, XdsResource>,
  now: number,
): Change {
  const upserts: XdsResource[] = [];
  const repeated: XdsResource[] = [];
  const removals: string[] = [];
  const gone = new Set<string>();
  const remove = (name: string): void => {
    gone.add(name);
    for (const { name: own, aliases } of heldBy(sub, name)) {
      drop(sub, own);
      removals.push(own);
      for (const each of [own, ...aliases]) gone.add(each);
    }
  };
  for (const name of response.removed) remove(name);
  for (const { name, code } of response.errors) if (code === NOT_FOUND) remove(name);
  for (const wire of response.resources) {
    const resource = resources.get(wire.name);
    if (resource !== undefined) {
      const old = sub.held.get(wire.name);
      if (old === undefined || !sameResource(old, resource)) {
        hold(sub, resource);
        upserts.push(resource);
      } else if (sub.unconfirmed.has(wire.name)) repeated.push(old);
      for (const each of [resource.name, ...resource.aliases]) {
        sub.missing.delete(each);
        sub.errors.delete(each);
      }
      keepUntil(sub, wire, now);
    } else if (wire.body !== undefined) {
      // It matches no subscription: late, unasked for, or it lost the alias by which it was wanted.
      if (drop(sub, wire.name) !== undefined) removals.push(wire.name);
    } else if (sub.typeUrl === VIRTUAL_HOST) {
      for (const name of [wire.name, ...wire.aliases]) remove(name);
    } else if (isWanted(sub, wire.name, wire.aliases)) {
      keepUntil(sub, wire, now);
    }
  }
  const missing = [...gone].filter((name) => isMissing(sub, name));
  for (const name of missing) {
    sub.missing.add(name);
    sub.errors.delete(name);
  }
  const errors = response.errors.filter(({ name, code }) => code !== NOT_FOUND && sub.wanted.has(name));
  for (const error of errors) sub.errors.set(error.name, error);
  const change = { upserts, removals: removals.filter((name) => !sub.held.has(name)), missing, errors };
  return repeated.length === 0 ? change : { ...change, repeated };
}

/** A name that is wanted, was just reported gone, and was not sent again in the same response. */
function isMissing(sub: SubStream, name: string): boolean {
  return name !== WILDCARD && sub.wanted.has(name) && heldBy(sub, name).length === 0;
}

/** Starts, restarts or (without a time to live) stops a resource's time to live. */
function keepUntil(sub: SubStream, wire: WireResource, now: number): void {
  if (wire.ttlMs === undefined) {
    sub.expiries.delete(wire.name);
    return;
  }
  sub.expiries.set(wire.name, now + wire.ttlMs);
  sub.soonest = Math.min(sub.soonest, now + wire.ttlMs);
}
