import { sameResource } from "@rxds/core";
import { byName } from "./by-name.js";
import type { Flight } from "./flight.js";
import type { Subscription } from "./subscription.js";

/**
 * The client rejected those names in a response: of a rejected response an Envoy applies what is good, removals too, and says of it
 * later what it accepted before.
 */
export function doubtRejected(subscription: Subscription, flight: Flight, names: Iterable<string>): void {
  subscription.doubtful ??= new Map();
  for (const name of names) subscription.doubtful.set(name, numberOf(flight));
}

/** The client accepted a response: what it says of that is what it has. */
export function settleDoubts(subscription: Subscription, flight: Flight): void {
  const { doubtful, stream } = subscription;
  if (doubtful === undefined) return;
  for (const name of namesOf(subscription, flight)) {
    if ((doubtful.get(name) ?? Number.POSITIVE_INFINITY) < numberOf(flight)) doubtful.delete(name);
  }
  if (doubtful.size === 0 || stream.protocol === "sotw") subscription.doubtful = undefined;
}

/**
 * Delta: the names of which nobody knows how the client has them, should the stream end now, each with the version by which the
 * client tells, if it says that it has that, that it has accepted all.
 */
export function openDoubts(subscription: Subscription): Map<string, string | undefined> {
  const { doubtful, flights, index, set } = subscription;
  const names = new Map<string, string | undefined>();
  // What it did not answer it may have rejected.
  for (const flight of flights) {
    for (const name of namesOf(subscription, flight)) {
      const id = index.table.idOf(name);
      const resource = id === undefined || set.changedAt(id) > flight.to ? undefined : set.resource(id);
      names.set(name, names.has(name) ? undefined : resource?.version);
    }
  }
  for (const name of doubtful?.keys() ?? []) names.set(name, undefined);
  return names;
}

/**
 * A full state that differs from what the client accepted last was overtaken. The client may have accepted it since, and says so
 * too late or not at all: what was accepted before is not known to be held any more.
 */
export function doubtOvertaken(subscription: Subscription, flight: Flight): void {
  if (flight.resources === undefined) return;
  const said = byName(flight.resources);
  const differs = (subscription.acked?.resources ?? []).filter((was) => {
    const is = said.get(was.name);
    return is === undefined || !sameResource(is, was);
  });
  doubtRejected(
    subscription,
    flight,
    differs.map(({ name }) => name),
  );
}

/** The names that a response said something of. */
export function namesOf({ index }: Subscription, { content }: Flight): readonly string[] {
  const { upserts, removals, resources = [] } = content;
  const named = [...upserts, ...removals].flatMap((id) => index.table.nameOf(id) ?? []);
  return [...named, ...resources.map(({ name }) => name)];
}

function numberOf({ nonce }: Flight): number {
  return Number.parseInt(nonce, 36);
}
