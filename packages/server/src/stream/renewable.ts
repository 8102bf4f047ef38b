import type { Subscription } from "./subscription.js";

/** What the client holds as it is now, of what is to be renewed. */
export function renewable(subscription: Subscription): readonly number[] {
  const { set, renewals, flights, type } = subscription;
  // What is under way is new to the client, or will be sent again. A type that tells of nothing by a resource without a body
  // can't renew anything by one (rule 56).
  if (renewals === undefined || flights.length > 0 || type.missing === "bodiless") return [];
  return [...renewals].filter((id) => set.resource(id)?.ttl !== undefined && !subscription.isHeld(id));
}
