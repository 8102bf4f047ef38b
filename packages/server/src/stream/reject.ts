import { sameResource } from "@rxds/core";
import { revive } from "../hitless/revive.js";
import { redact } from "../status/redact.js";
import type { ErrorDetail } from "../wire/request.js";
import { blamedWords } from "./blame.js";
import { byName } from "./by-name.js";
import { doubtRejected, namesOf } from "./doubts.js";
import type { Flight } from "./flight.js";
import type { Subscription } from "./subscription.js";
import { halves } from "./trial.js";

/**
 * The client rejected a response. What its words name is kept from it until it changes; what else was in the response goes
 * again, since the client may have taken none of it. Where nothing is named, the culprit is searched for: the content goes
 * again one by one, or, where a response is the full state, by halves. Each content is tried alone at most once.
 */
export function reject(subscription: Subscription, flight: Flight, error: ErrorDetail): void {
  const { stream } = subscription;
  if (stream.protocol === "delta") doubtRejected(subscription, flight, namesOf(subscription, flight));
  const named = recordRejection(subscription, flight, error);
  stream.hooks.rejected(subscription, subscription.rejected!, flight.content.version);
  const { set } = subscription;
  const blamed = new Set(subscription.rejected!.names);
  subscription.refused = flight.resources?.filter(({ name }) => !blamed.has(name));
  const suspects = suspectsOf(subscription, flight);
  const upserts = suspects.filter((id) => set.resource(id) !== undefined);
  const removals = suspects.filter((id) => set.resource(id) === undefined);
  // Of several rejected responses that were under way, an earlier one may have told the culprit.
  const known = (id: number) => named.has(id) || subscription.quarantine?.get(id)?.changedAt === set.changedAt(id);
  // What has changed since may have been it as well, and so is what the words name of it.
  const changed = flight.content.upserts.some((id) => set.changedAt(id) > flight.to);
  const sure = upserts.length === 1 && !changed && (named.size === 0 || named.has(upserts[0]!));
  const culprits = sure ? upserts : upserts.filter(known);
  // What was asked for anew since goes again whatever became of the response.
  const again = (id: number) => subscription.owed?.has(id) !== true;
  for (const id of culprits.filter(again)) quarantine(subscription, id);
  const others = upserts.filter((id) => !culprits.includes(id) && again(id));
  // A full state that is tried in parts leaves out what others have made room for.
  revive(subscription, flight.resources === undefined ? culprits : [...culprits, ...others], flight);
  if (upserts.length === 0) {
    // Nothing but removals: there is no smaller thing to try. Beside what has changed since they were not tried alone.
    if (flight.content.upserts.length > 0) subscription.tryAgain([removals], flight.to);
    else for (const id of removals) subscription.retry(id);
    return;
  }
  if (flight.resources !== undefined) {
    doubtRejected(
      subscription,
      flight,
      upserts.flatMap((id) => subscription.index.table.nameOf(id) ?? []),
    );
  }
  if (culprits.length > 0) {
    const gone = removals.filter((id) => !subscription.revived.has(id));
    subscription.tryAgain([[...others, ...gone]], flight.to);
    // Nothing else is new in it, but what it left out, or went back to, is not known to the client.
    if (others.length === 0 && (omitsAny(subscription, flight) || revertsAny(subscription, flight))) {
      subscription.mustAnswer = true;
    }
  } else if (flight.resources !== undefined) subscription.tryAgain(halves(others), flight.to);
  else subscription.tryAgain([...others.map((id) => [id]), removals], flight.to);
}

/** State of the world: the client rejected a response that was overtaken. The newer one repeats it, and is answered too. */
export function rejectOvertaken(subscription: Subscription, flight: Flight, error: ErrorDetail): void {
  subscription.flights = subscription.flights.filter((other) => other !== flight);
  recordRejection(subscription, flight, error);
  subscription.stream.hooks.rejected(subscription, subscription.rejected!, flight.content.version);
}

/** What may be wrong with a response: what it said that is still wanted, was not accepted before, and did not change since. */
function suspectsOf({ index, set, wildcard, acked }: Subscription, flight: Flight): readonly number[] {
  const { table } = index;
  const said = byName(flight.resources ?? []);
  const held = byName(acked?.resources ?? []);
  // In a full state, what is held back may have been said in an older version, or not at all.
  const suspicious = (id: number, name: string) => {
    const [is, was, current] = [said.get(name), held.get(name), set.resource(id)];
    if (is === undefined || current === undefined || !sameResource(is, current)) return false;
    return was === undefined || !sameResource(is, was);
  };
  return [...flight.content.upserts, ...flight.content.removals].filter((id) => {
    const name = table.nameOf(id);
    // The name may be dropped, and even forgotten, since.
    if (name === undefined || !(wildcard || set.members.has(id)) || set.changedAt(id) > flight.to) return false;
    return flight.resources === undefined || suspicious(id, name);
  });
}

/** Whether a full state leaves out something that the client held. */
function omitsAny({ acked }: Subscription, { resources }: Flight): boolean {
  if (resources === undefined) return false;
  const said = byName(resources);
  return (acked?.resources ?? []).some(({ name }) => !said.has(name));
}

/** Whether a full state says again what the client accepted, of something that it rejected, and may use, since. */
function revertsAny({ doubtful, acked }: Subscription, { resources }: Flight): boolean {
  if (doubtful === undefined || resources === undefined) return false;
  const [said, held] = [byName(resources), byName(acked?.resources ?? [])];
  return [...doubtful.keys()].some((name) => {
    const [is, was] = [said.get(name), held.get(name)];
    return is !== undefined && was !== undefined && sameResource(is, was);
  });
}

function quarantine(subscription: Subscription, id: number): void {
  const { set, rejected, stream } = subscription;
  const quarantined = {
    changedAt: set.changedAt(id),
    seq: stream.seq(),
    version: set.resource(id)!.version,
    reason: rejected!.detail,
    since: rejected!.at,
  };
  subscription.hold(id, quarantined);
  stream.hooks.quarantined(subscription, id, quarantined);
}

/** Notes a rejection for people. Returns the ids that the client's words name. */
function recordRejection(subscription: Subscription, flight: Flight, error: ErrorDetail): ReadonlySet<number> {
  const { index, type } = subscription;
  const { upserts, removals } = flight.content;
  const words = blamedWords(error.message);
  const named = [...upserts, ...removals].filter((id) => words.has(index.table.nameOf(id) ?? ""));
  subscription.rejected = {
    nonce: flight.nonce,
    code: error.code,
    // A client may repeat what it got; of a secret nothing must be shown.
    detail: type.secret ? "(withheld: the resource is a secret)" : redact(error.message),
    names: named.flatMap((id) => index.table.nameOf(id) ?? []),
    at: Date.now(),
  };
  subscription.rejections++;
  return new Set(named);
}
