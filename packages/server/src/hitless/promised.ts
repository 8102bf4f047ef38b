import { type Resource, typeUrls } from "@rxds/core";
import type { SharedBody } from "../fanout/body-cache.js";
import { byName } from "../stream/by-name.js";
import type { XdsStream } from "../stream/stream.js";
import type { Subscription } from "../stream/subscription.js";
import { plannerOf } from "./planner.js";

/** A route configuration that a client was sent a listener for, and did not ask for yet. */
export interface Promised {
  /** As it was then: all that the listener led to could be used. */
  readonly resource: Resource;
  /** The listeners, each with the commit of its version. */
  readonly listeners: ReadonlyMap<number, number>;
}

/**
 * Listeners are about to be sent. One that takes an address over serves nobody until its routes come: so what it was sent for
 * is remembered, in case that they have changed, and have to wait for clusters, before the client asks for them.
 */
export function notePromised(listeners: Subscription, { content, resources }: SharedBody, from: number): void {
  const { stream, set, type } = listeners;
  const planner = plannerOf(stream);
  // A client that had nothing does not serve yet.
  if (type.typeUrl !== typeUrls.listener || planner === undefined || from === 0) return;
  const asked = stream.subscriptions.get(typeUrls.routes)?.set.members;
  const { table } = stream.view!.index.table(typeUrls.routes);
  // A full state also holds what did not change, and leaves out what waits.
  const said = stream.protocol === "sotw" ? byName(resources) : undefined;
  for (const listener of content.upserts) {
    const at = set.changedAt(listener);
    const is = set.resource(listener);
    if (is === undefined || (said !== undefined && (at <= from || said.get(is.name) !== is))) continue;
    for (const { type: of, name } of is.references ?? []) {
      const id = of === typeUrls.routes ? table.idOf(name) : undefined;
      const resource = id === undefined || asked?.has(id) ? undefined : table.resource(id);
      if (resource === undefined) continue;
      const others = planner.promised.get(name)?.listeners ?? [];
      planner.promised.set(name, { resource, listeners: new Map([...others, [listener, at]]) });
    }
  }
}

/** Route configurations are about to be sent: what they were is of no interest any more. */
export function noteKept({ stream, type, set }: Subscription, upserts: readonly number[]): void {
  const promised = stream.planner?.promised;
  if (type.typeUrl !== typeUrls.routes || promised === undefined || promised.size === 0) return;
  for (const id of upserts) promised.delete(set.table.nameOf(id) ?? "");
}

/** What a route configuration was when a listener was sent that the client still waits with for it. */
export function promisedOf(stream: XdsStream, type: string, name: string): Resource | undefined {
  const promised = type === typeUrls.routes ? stream.planner?.promised.get(name) : undefined;
  const listeners = stream.subscriptions.get(typeUrls.listener);
  if (promised === undefined || listeners === undefined) return undefined;
  const { set, gated, quarantine } = listeners;
  // While a newer version waits, the client goes on with this one; with one that it rejected it does not.
  const stands = ([id, at]: [number, number]) =>
    set.resource(id) !== undefined &&
    quarantine?.get(id)?.changedAt !== at &&
    (set.changedAt(id) === at || gated?.has(id) === true);
  return [...promised.listeners].some(stands) ? promised.resource : undefined;
}

/** Whether a client is about to ask for a route configuration for which it was sent a listener. */
export function isPromised({ stream, type, set, owed }: Subscription, id: number): boolean {
  const promised = stream.planner?.promised;
  if (type.typeUrl !== typeUrls.routes || promised === undefined || promised.size === 0) return false;
  const name = set.table.nameOf(id) ?? "";
  const asked = set.members.has(id) && owed?.has(id) !== true;
  if (!asked && promisedOf(stream, type.typeUrl, name) !== undefined) return true;
  promised.delete(name);
  return false;
}
