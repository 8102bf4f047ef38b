import { typeUrls } from "@rxds/core";
import { type HeldResource, heldResources, type LeavingResource } from "../hitless/held.js";
import type { Rejection } from "../stream/rejection.js";
import type { XdsStream } from "../stream/stream.js";
import type { Subscription } from "../stream/subscription.js";
import type { ClientNode } from "./events.js";

/** What is known of one open stream. Derived when asked for; holds no resource bodies. */
export interface ClientStatus {
  /** Counts the streams of this server. */
  readonly stream: number;
  /** Who it is. */
  readonly node: ClientNode;
  /** `host:port` of the client. */
  readonly address: string;
  /** The subject alternative names, or else the common name, of the client's verified certificate. */
  readonly identity: readonly string[];
  /** Which variant of the protocol it speaks. */
  readonly protocol: "sotw" | "delta";
  /** Whether all types share the stream. */
  readonly aggregated: boolean;
  /** The key of what it is shown. */
  readonly key: string;
  /** When it connected, in ms since the epoch. */
  readonly since: number;
  /** False in the last status of a stream that is over. */
  readonly open: boolean;
  /** Bytes of responses that wait because the client does not read them. */
  readonly unsentBytes: number;
  /** What it asked for, by type. */
  readonly types: readonly TypeStatus[];
}

/** Where a client stands with one type. */
export interface TypeStatus {
  /** The type URL. */
  readonly type: string;
  /** Whether it sees everything of its view. */
  readonly wildcard: boolean;
  /** How many names it asked for one by one. */
  readonly names: number;
  /** Everything up to this commit was sent. */
  readonly cursor: number;
  /** Whether there is something that it was not sent yet. */
  readonly pending: boolean;
  /** Responses that it did not answer yet. */
  readonly inFlight: readonly { readonly nonce: string; readonly version: string; readonly resources: number }[];
  /** The newest response that it accepted. */
  readonly acked: { readonly version: string; readonly seq: number } | undefined;
  /** The newest response that it rejected. */
  readonly rejected: Rejection | undefined;
  /** How often it rejected something. */
  readonly rejections: number;
  /** What it is not sent yet: it leads to new clusters that the client has not accepted, or that have no endpoints. */
  readonly held: readonly HeldResource[];
  /** What is gone and stays with the client until nothing leads to it any more. */
  readonly leaving: readonly LeavingResource[];
  /** Names of rejected responses that are yet to go again, to find out which of them was rejected. */
  readonly onTrial: readonly string[];
  /** What it rejected: not sent until the content changes. What it accepted before stays in force. */
  readonly quarantined: readonly QuarantinedResource[];
}

/** A resource that a client rejected. */
export interface QuarantinedResource {
  /** Its name. */
  readonly name: string;
  /** The rejected version. */
  readonly version: string;
  /** The client's words, without what may be secret in them. */
  readonly reason: string;
  /** Since when, in ms since the epoch. */
  readonly since: number;
}

/** The status of a stream. */
export function clientStatus(stream: XdsStream): ClientStatus {
  const certificate = stream.channel.peer.certificate;
  const names = certificate?.subjectAltNames ?? [];
  return {
    stream: stream.id,
    node: clientNode(stream),
    address: stream.channel.peer.address,
    identity: names.length > 0 ? names : certificate?.commonName ? [certificate.commonName] : [],
    protocol: stream.protocol,
    aggregated: stream.typeUrl === undefined,
    key: stream.view?.key ?? "",
    since: stream.since,
    open: !stream.closed,
    unsentBytes: stream.closed ? 0 : stream.unsent,
    types: [...stream.subscriptions.values()].map(typeStatus),
  };
}

export function clientNode(stream: XdsStream): ClientNode {
  return { id: stream.node?.id ?? "", cluster: stream.node?.cluster ?? "" };
}

function typeStatus(subscription: Subscription): TypeStatus {
  const { index, flights, trial, quarantine, acked } = subscription;
  const namesOf = (ids: Iterable<number>) => [...ids].flatMap((id) => index.table.nameOf(id) ?? []);
  return {
    type: index.table.type,
    wildcard: subscription.wildcard,
    names: subscription.names?.members.size ?? 0,
    cursor: subscription.cursor,
    pending: subscription.pending,
    inFlight: flights.map(({ nonce, content }) => ({
      nonce,
      version: content.version,
      resources: content.upserts.length + content.removals.length,
    })),
    acked: acked && { version: acked.version, seq: acked.seq },
    rejected: subscription.rejected,
    rejections: subscription.rejections,
    held: heldResources(subscription),
    leaving: leavingResources(subscription),
    onTrial: namesOf(trial?.ids() ?? []),
    quarantined: [...(quarantine ?? [])].flatMap(([id, { version, reason, since }]) => {
      const name = index.table.nameOf(id);
      return name === undefined ? [] : [{ name, version, reason, since }];
    }),
  };
}

function leavingResources({ stream, type }: Subscription): readonly LeavingResource[] {
  if (type.typeUrl !== typeUrls.cluster) return [];
  return [...(stream.planner?.leaving ?? [])].map(([name, { by }]) => ({ name, usedBy: by }));
}

/** Whether a client has accepted all that it wants of the commits up to `seq`. */
export function hasReached(subscription: Subscription, seq: number): boolean {
  const { set, cursor, flights } = subscription;
  if (!subscription.isOrdinary || subscription.owed !== undefined) return false;
  return (set.touched <= cursor || cursor >= seq) && flights.every((flight) => flight.from >= seq);
}

/** Whether a client has accepted the current content of a resource. */
export function holdsResource(subscription: Subscription, name: string, version: string | undefined): boolean {
  const { set, index, flights } = subscription;
  const id = index.table.idOf(name);
  const resource = id === undefined ? undefined : set.resource(id);
  if (id === undefined || resource === undefined) return false;
  if (version !== undefined && resource.version !== version) return false;
  const { backlog } = subscription;
  const open = subscription.owed?.has(id) === true || subscription.gated?.has(id) === true || subscription.isHeld(id);
  if (
    open ||
    backlog?.parts.slice(backlog.next).some((part) => part.includes(id)) ||
    index.table.changedAt(id) > subscription.cursor
  )
    return false;
  return !flights.some((flight) => flight.content.upserts.includes(id));
}
