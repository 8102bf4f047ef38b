import type { Resource } from "@rxds/core";
import type { Flight, Rejection, Subscription } from "../stream/subscription.js";

/** Where a client stands with one resource, as the server sees it (`envoy.service.status.v3.ConfigStatus`). */
export type SyncStatus =
  /** It accepted the current content. */
  | "SYNCED"
  /** It was not sent the current content yet, or there is none. */
  | "NOT_SENT"
  /** It was sent the current content and has not answered. */
  | "STALE"
  /** It rejected the response that held the current content. */
  | "ERROR";

/** One resource that a client asks for. */
export interface ResourceStatus {
  readonly name: string;
  /** The current content; undefined: there is no such resource in the client's view. */
  readonly resource: Resource | undefined;
  readonly status: SyncStatus;
  /** Why it was rejected, as far as it is known. */
  readonly rejection: Rejection | undefined;
}

/**
 * Every resource that a subscription asks for by name, and with a wildcard all that its view shows. Derived as it stands at
 * each step: work may pause between two.
 *
 * All that client status knows of a subscription's inside is in this file.
 */
export function* resourceStatuses(subscription: Subscription): Generator<ResourceStatus> {
  const isInFlight = inFlight(subscription);
  for (const id of askedIds(subscription)) {
    // Between two steps the stream may end, and names may be forgotten.
    if (subscription.closed) return;
    const name = subscription.index.table.nameOf(id);
    if (name !== undefined) yield statusOf(subscription, id, name, isInFlight);
  }
}

/** Whether a response that was not answered yet holds an id. Each response's list is looked through once. */
function inFlight(subscription: Subscription): (id: number) => boolean {
  const known = new Map<Flight, ReadonlySet<number>>();
  const idsOf = (flight: Flight): ReadonlySet<number> => {
    const ids = known.get(flight) ?? new Set(flight.content.upserts);
    known.set(flight, ids);
    return ids;
  };
  return (id) => subscription.flights.some((flight) => idsOf(flight).has(id));
}

function askedIds({ set, names, wildcard }: Subscription): readonly number[] {
  const listed: number[] = [];
  names?.members.each((id) => {
    // What exists is in the wildcard's list already.
    if (!wildcard || set.resource(id) === undefined) listed.push(id);
  });
  return wildcard ? [...set.current(), ...listed] : listed;
}

function statusOf(
  subscription: Subscription,
  id: number,
  name: string,
  isInFlight: (id: number) => boolean,
): ResourceStatus {
  const { set, cursor, owed, held } = subscription;
  const resource = set.resource(id);
  const as = (status: SyncStatus, rejection?: Rejection) => ({ name, resource, status, rejection });
  if (resource === undefined) return as("NOT_SENT");
  if (subscription.isQuarantined(id)) return as("ERROR", rejectionOf(subscription, name));
  if (set.changedAt(id) > cursor || owed?.has(id)) return as("NOT_SENT");
  if (held?.has(id)) return as("ERROR", subscription.rejected);
  return as(isInFlight(id) ? "STALE" : "SYNCED");
}

/** The newest rejection, if it is of that resource: older ones are not kept. */
function rejectionOf({ rejected }: Subscription, name: string): Rejection | undefined {
  return rejected?.names.includes(name) ? rejected : undefined;
}
