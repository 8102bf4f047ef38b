import type { Table } from "@rxds/core";
import type { SharedBody } from "../fanout/body-cache.js";
import { heldResource } from "../hitless/held.js";
import type { Quarantined, Rejection } from "../stream/rejection.js";
import type { XdsStream } from "../stream/stream.js";
import type { Subscription } from "../stream/subscription.js";
import type { XdsLimits } from "../xds-options.js";
import { clientNode } from "./client-status.js";
import type { ClientNode, XdsEvent } from "./events.js";

/** An event names at most so many resources. */
const MOST_NAMES = 20;

/** What all events of a stream tell. */
export function aboutStream(stream: XdsStream): { stream: number; node: ClientNode; key: string } {
  return { stream: stream.id, node: clientNode(stream), key: stream.view?.key ?? "" };
}

export function sentEvent(subscription: Subscription, nonce: string, body: SharedBody): XdsEvent {
  const { stream, index, type } = subscription;
  const { removals, renewals = [], absent = [], version } = body.content;
  const upserts = body.resources;
  const names = upserts.slice(0, MOST_NAMES).map(({ name }) => name);
  const removedNames = namesOf(index.table, removals);
  const signed = (sign: string, of: readonly string[]) => of.map((name) => sign + name);
  const others = [...signed("?", namesOf(index.table, absent)), ...signed("~", namesOf(index.table, renewals))];
  const said = [...names, ...signed("-", removedNames), ...others].join(" ") || "nothing";
  const more = upserts.length + removals.length - names.length - removedNames.length;
  return {
    ...aboutStream(stream),
    kind: "sent",
    type: index.table.type,
    label: type.label,
    nonce,
    version,
    upserts: upserts.length,
    removals: removals.length,
    names,
    removedNames,
    bytes: body.length,
    detail: `${type.label} to ${who(stream)}: ${said}${more > 0 ? ` and ${more} more` : ""} (${body.length} bytes)`,
  };
}

export function ackedEvent(subscription: Subscription, nonce: string, version: string): XdsEvent {
  const { stream, index, type } = subscription;
  const detail = `${type.label} ${nonce} by ${who(stream)}`;
  return { ...aboutStream(stream), kind: "acked", type: index.table.type, label: type.label, nonce, version, detail };
}

export function rejectedEvent(subscription: Subscription, rejection: Rejection, version: string): XdsEvent {
  const { stream, index, type } = subscription;
  const { nonce, code, names } = rejection;
  const detail = `${type.label} ${nonce} by ${who(stream)}: ${rejection.detail}`;
  return {
    ...aboutStream(stream),
    kind: "rejected",
    type: index.table.type,
    label: type.label,
    nonce,
    version,
    code,
    names,
    detail,
  };
}

export function heldBackEvent(subscription: Subscription, id: number, overdue: boolean): XdsEvent {
  const { stream, index, type } = subscription;
  const since = subscription.waiting.get(id)?.since ?? Date.now();
  const { name, waitsFor } = heldResource(subscription, id, since) ?? { name: "", waitsFor: [] };
  const what = `${type.label} ${name} waits for ${waitsFor.map((one) => `cluster ${one}`).join(", ")}`;
  const how = overdue ? `, and that since ${new Date(since).toISOString()}` : "";
  return {
    ...aboutStream(stream),
    kind: "held",
    type: index.table.type,
    label: type.label,
    name,
    waitsFor,
    since,
    overdue,
    detail: `${what} at ${who(stream)}${how}`,
  };
}

export function quarantinedEvent(subscription: Subscription, id: number, quarantined: Quarantined): XdsEvent {
  const { stream, index, type } = subscription;
  const { version, reason, since } = quarantined;
  const name = index.table.nameOf(id) ?? "";
  return {
    ...aboutStream(stream),
    kind: "quarantined",
    type: index.table.type,
    label: type.label,
    name,
    version,
    reason,
    since,
    detail: `${type.label} ${name} is kept from ${who(stream)}, which rejected it: ${reason}`,
  };
}

export function limitedEvent(stream: XdsStream, limit: keyof XdsLimits, why: string): XdsEvent {
  const { address } = stream.channel.peer;
  return { ...aboutStream(stream), kind: "limited", limit, address, detail: `${who(stream)}: ${why}` };
}

/** A client, for people. */
export function who(stream: XdsStream): string {
  return `${stream.node?.id || "(no id)"} at ${stream.channel.peer.address}`;
}

function namesOf(table: Table, ids: readonly number[]): string[] {
  return ids.slice(0, MOST_NAMES).flatMap((id) => table.nameOf(id) ?? []);
}
