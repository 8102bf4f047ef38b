import { type Resource, typeUrls } from "@rxds/core";
import type { Flight } from "../stream/flight.js";
import type { XdsStream } from "../stream/stream.js";
import type { Subscription } from "../stream/subscription.js";
import { openGates } from "./gate.js";
import { plannerOf } from "./planner.js";

/** Clusters are about to be sent: those that are new to the client have to be accepted before others lead to them. */
export function noteSent(clusters: Subscription, upserts: readonly number[], from: number): void {
  const planner = plannerOf(clusters.stream);
  if (planner === undefined) return;
  for (const id of upserts) {
    const known = planner.fresh.get(id);
    // A full state says again what is under way.
    if (known !== undefined && known.response > 0 && clusters.set.changedAt(id) <= from) continue;
    // A client that had nothing asks for listeners when it is done with all clusters.
    const isNew = known !== undefined || (from > 0 && clusters.set.shownSince(id) > from);
    if (isNew) planner.fresh.set(id, { response: clusters.stream.responses, fed: false, accepted: false });
  }
}

/** A client that reconnected has never had a cluster. */
export function noteUnknown({ stream, type }: Subscription, id: number): void {
  if (type.typeUrl === typeUrls.cluster) stream.planner?.fresh.set(id, { response: 0, fed: false, accepted: false });
}

/** A client that reconnected asks for endpoints that it has never had: it has clusters that it can't use. */
export function noteUnfed({ stream, type, set }: Subscription, has: (id: number) => boolean): void {
  const clusters = stream.subscriptions.get(typeUrls.cluster);
  const fresh = plannerOf(stream)?.fresh;
  if (type.typeUrl !== typeUrls.endpoints || clusters === undefined || fresh === undefined) return;
  const lacking = new Set<string>();
  set.members.each((id) => {
    const name = has(id) ? undefined : set.table.nameOf(id);
    if (name !== undefined) lacking.add(name);
  });
  if (lacking.size === 0) return;
  const before = stream.planner?.freshBefore;
  for (const id of clusters.set.current()) {
    const { name = "", references: needs = [] } = clusters.set.resource(id) ?? {};
    // It was told that there are no endpoints any more, and goes on with those that it had.
    if (before?.has(name) === false) continue;
    if (fresh.has(id) || !needs.some(({ type: of, name }) => of === typeUrls.endpoints && lacking.has(name))) continue;
    fresh.set(id, { response: Math.max(1, stream.responses), fed: false, accepted: true });
  }
}

/** A client that reconnected says late which clusters it holds: of some it may have asked for the endpoints before, and has none. */
export function noteLacking({ stream, set }: Subscription): void {
  const fresh = stream.planner?.fresh;
  if (fresh === undefined || !stream.subscriptions.has(typeUrls.endpoints)) return;
  const before = stream.planner?.freshBefore;
  for (const id of set.current()) {
    const cluster = set.resource(id);
    if (before?.has(cluster?.name ?? "") === false) continue;
    if (fresh.has(id) || !lacksEndpoints(stream, cluster)) continue;
    fresh.set(id, { response: Math.max(1, stream.responses), fed: false, accepted: true });
  }
}

/** The client has accepted a response: what waited for clusters in it may go. */
export function noteAccepted(subscription: Subscription, flight: Flight): void {
  const { stream, type } = subscription;
  const planner = plannerOf(stream);
  if (planner === undefined || planner.fresh.size === 0) return;
  if (type.typeUrl === typeUrls.cluster) clustersAccepted(subscription, flight);
  else if (type.typeUrl === typeUrls.endpoints) endpointsAccepted(subscription, flight);
  else if (type.typeUrl === typeUrls.secret) warmed(stream);
}

function clustersAccepted({ stream, set }: Subscription, { content, resources }: Flight): void {
  const said = resources === undefined ? undefined : new Set(resources.map(({ name }) => name));
  const fresh = stream.planner!.fresh;
  for (const id of content.upserts) {
    const name = set.table.nameOf(id);
    const one = fresh.get(id);
    // A full state leaves out what is held back.
    if (one === undefined || (said !== undefined && (name === undefined || !said.has(name)))) continue;
    if (lacksEndpoints(stream, set.resource(id))) one.accepted = true;
    else fresh.delete(id);
  }
  openGates(stream);
}

/**
 * Whether the client asks for endpoints of a cluster that do not exist yet, or that came after it was told so: until it has
 * them it answers for the cluster with errors.
 */
function lacksEndpoints(stream: XdsStream, cluster: Resource | undefined): boolean {
  const endpoints = stream.subscriptions.get(typeUrls.endpoints);
  return (cluster?.references ?? []).some(({ type, name }) => {
    const id = type === typeUrls.endpoints ? endpoints?.index.table.idOf(name) : undefined;
    if (endpoints === undefined || id === undefined || !endpoints.set.members.has(id)) return false;
    const { set, cursor, owed } = endpoints;
    return (
      set.resource(id) === undefined || set.changedAt(id) > cursor || owed?.has(id) === true || endpoints.isHeld(id)
    );
  });
}

/**
 * One cluster that warms withholds the answers to all later responses with clusters: so a cluster counts as accepted too when
 * its endpoints are, since a client that asks for them has it.
 */
function endpointsAccepted({ stream, index }: Subscription, { content, nonce }: Flight): void {
  const clusters = stream.subscriptions.get(typeUrls.cluster);
  const names = new Set(content.upserts.map((id) => index.table.nameOf(id)));
  for (const [id, fresh] of stream.planner?.fresh ?? []) {
    const needs = clusters?.set.resource(id)?.references ?? [];
    const fed = needs.some(({ type, name }) => type === typeUrls.endpoints && names.has(name));
    if (fed && fresh.response > 0 && Number.parseInt(nonce, 36) > fresh.response) fresh.fed = true;
  }
  warmed(stream);
}

/** Endpoints or secrets were accepted: clusters that have all they need are ready. */
function warmed(stream: XdsStream): void {
  const fresh = stream.planner?.fresh;
  const clusters = stream.subscriptions.get(typeUrls.cluster);
  if (fresh === undefined || clusters === undefined) return;
  for (const [id, { fed, accepted }] of [...fresh]) {
    const resource = clusters.set.resource(id);
    if (fed && accepted) fresh.delete(id);
    if (!fed || resource?.traits?.readiness !== "eds" || clusters.isHeld(id)) continue;
    // What it has been sent of it so far may need more.
    if (clusters.set.changedAt(id) > clusters.cursor) continue;
    const secrets = (resource.references ?? []).filter(({ type }) => type === typeUrls.secret);
    if (secrets.every(({ name }) => hasSecret(stream, name))) fresh.delete(id);
  }
  openGates(stream);
}

function hasSecret(stream: XdsStream, name: string): boolean {
  const secrets = stream.subscriptions.get(typeUrls.secret);
  const id = secrets?.index.table.idOf(name);
  if (secrets === undefined || id === undefined || secrets.set.resource(id) === undefined) return false;
  const open = secrets.owed?.has(id) || secrets.isHeld(id) || secrets.set.changedAt(id) > secrets.cursor;
  return !open && !secrets.flights.some(({ content }) => content.upserts.includes(id));
}
