import type { Subscription } from "./subscription.js";

/** Lets a subscription wait, with nothing new in its set, for something to happen in it. */
export function rest(subscription: Subscription): void {
  leave(subscription);
  const { set } = subscription;
  // Nothing happened in the set since its last change: that commit is as good a cursor as any later one, and one where
  // all idle streams meet.
  subscription.cursor = set.touched;
  if (!subscription.plain || subscription.flights.length > 0) {
    set.exceptions.add(subscription);
    return;
  }
  const { cursor } = subscription;
  let cohort = set.cohorts.get(cursor);
  if (cohort === undefined) {
    cohort = { cursor, subscriptions: [] };
    set.cohorts.set(cursor, cohort);
  }
  subscription.cohort = cohort;
  subscription.slot = cohort.subscriptions.push(subscription) - 1;
}

/** Takes a subscription out of the place where it rests. */
export function leave(subscription: Subscription): void {
  const { set, cohort } = subscription;
  set.exceptions.delete(subscription);
  if (cohort === undefined) return;
  const last = cohort.subscriptions.pop()!;
  if (last !== subscription) {
    cohort.subscriptions[subscription.slot] = last;
    last.slot = subscription.slot;
  }
  if (cohort.subscriptions.length === 0) set.cohorts.delete(cohort.cursor);
  subscription.cohort = undefined;
  subscription.slot = -1;
}
