import type { Subscription } from "./subscription.js";

/** Whether a client has not accepted all that is new, be it that some of that is kept from it. */
export function isBehind({ flights, owed, backlog, gated, trial, quarantine }: Subscription): boolean {
  return flights.length > 0 || [owed, backlog, gated, trial, quarantine].some((kept) => kept !== undefined);
}
