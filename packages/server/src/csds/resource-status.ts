import type { Resource } from "@rxds/core";
import type { Subscription } from "../stream/subscription.js";

/** Where a client stands with one resource, as the server sees it (`envoy.service.status.v3.ConfigStatus`). */
export type SyncStatus =
  /** It accepted the current content. */
  | "SYNCED"
  /** It was not sent the current content yet, or there is none. */
  | "NOT_SENT"
  /** It was sent the current content and has not answered. */
  | "STALE"
  /** It rejected the current content, or a response that held it, of which it is yet to be found out what was wrong. */
  | "ERROR";

/** Why something was rejected. */
export interface StatusError {
  /** The client's words, without what may be secret in them. */
  readonly detail: string;
  /** When, in ms since the epoch. */
  readonly at: number;
}

/** One resource that a client asks for. */
export interface ResourceStatus {
  readonly name: string;
  /** The current content; undefined: there is no such resource in the client's view. */
  readonly resource: Resource | undefined;
  readonly status: SyncStatus;
  /** With ERROR: why. */
  readonly error: StatusError | undefined;
}

/**
 * Every resource that a subscription asks for by name, and with a wildcard all that its view shows. Derived as it stands at
 * each step: work may pause between two.
 *
 * All that client status knows of a subscription's inside is in this file.
 */
export function* resourceStatuses(subscription: Subscription): Generator<ResourceStatus> {
  const isIn = createLookup();
  for (const id of askedIds(subscription)) {
    // Between two steps the stream may end, and names may be dropped, and their ids be given to others.
    if (subscription.closed) return;
    const { set, names, index } = subscription;
    const name = set.shows(id) || names?.lists(id) ? index.table.nameOf(id) : undefined;
    if (name !== undefined) yield statusOf(subscription, id, name, isIn);
  }
}

function askedIds({ set, names }: Subscription): readonly number[] {
  return [...set.current(), ...(names?.changesSince(0).missing ?? [])];
}

function statusOf(subscription: Subscription, id: number, name: string, isIn: Lookup): ResourceStatus {
  const { set, cursor, owed, quarantine, trial } = subscription;
  const resource = set.resource(id);
  const as = (status: SyncStatus, error?: StatusError): ResourceStatus => ({ name, resource, status, error });
  if (resource === undefined) return as("NOT_SENT");
  const changedAt = set.changedAt(id);
  const quarantined = quarantine?.get(id);
  if (quarantined?.changedAt === changedAt) {
    return as("ERROR", { detail: quarantined.reason, at: quarantined.since });
  }
  if (changedAt > cursor || owed?.has(id) || isInBacklog(subscription, id, isIn)) return as("NOT_SENT");
  if (trial?.has(id, changedAt)) return as("ERROR", subscription.rejected);
  return as(isInFlight(subscription, id, changedAt, isIn) ? "STALE" : "SYNCED");
}

/** Whether a response that was not answered yet holds the content of an id. */
function isInFlight({ flights }: Subscription, id: number, changedAt: number, isIn: Lookup): boolean {
  return flights.some(({ to, content }) => to >= changedAt && isIn(content.upserts, id));
}

/** Whether an id is in the part of a large response that was not sent yet. */
function isInBacklog({ backlog }: Subscription, id: number, isIn: Lookup): boolean {
  return backlog?.parts.some((part, i) => i >= backlog.next && isIn(part, id)) === true;
}

/** Whether a list holds an id. */
type Lookup = (list: readonly number[], id: number) => boolean;

/** Looks each list through once. */
function createLookup(): Lookup {
  const known = new Map<readonly number[], ReadonlySet<number>>();
  return (list, id) => {
    const ids = known.get(list) ?? new Set(list);
    known.set(list, ids);
    return ids.has(id);
  };
}
