import { takeAnswer } from "./answers.js";
import { type DeltaRequest, WILDCARD } from "./messages.js";
import type { SubStream } from "./sub-stream.js";

/**
 * Takes the next request that the server must get, or undefined when there is none. What is taken counts as sent: take
 * one only when it can be written, so that changes gather in between.
 *
 * - The first request of a stream restates every wanted name and the versions of what is held. A type of which nothing
 *   is wanted has no first request: an empty one would subscribe to everything (the legacy wildcard of LDS and CDS).
 * - Later changes of subscriptions are requests without a nonce.
 * - An answer to a response carries its nonce and no names. One that is not known yet holds up those after it.
 */
export function nextRequest(sub: SubStream): DeltaRequest | undefined {
  const { typeUrl, stream } = sub;
  if (stream === undefined) {
    if (sub.wanted.size === 0) return undefined;
    const told = new Set(sub.wanted);
    sub.stream = { told, subscribe: new Set(), unsubscribe: new Set(), answers: [] };
    return request(typeUrl, { subscribe: [...told], initialResourceVersions: initialVersions(sub) });
  }
  if (stream.subscribe.size > 0 || stream.unsubscribe.size > 0) {
    const unsubscribe = [...stream.unsubscribe];
    // The one name that can be in both is `*`, to get everything again. One request with both would be ambiguous.
    const subscribe = [...stream.subscribe].filter((name) => !stream.unsubscribe.has(name));
    for (const name of unsubscribe) stream.told.delete(name);
    for (const name of subscribe) {
      stream.told.add(name);
      stream.subscribe.delete(name);
    }
    stream.unsubscribe.clear();
    return request(typeUrl, { subscribe, unsubscribe });
  }
  const answer = takeAnswer(stream.answers);
  if (answer === undefined) return undefined;
  return request(typeUrl, {
    responseNonce: answer.nonce,
    ...(answer.error === undefined ? {} : { error: answer.error }),
  });
}

/** The stream is gone: its nonces and what its server was told mean nothing to the next one. What is held stays. */
export function streamLost(sub: SubStream): void {
  sub.stream = undefined;
}

/**
 * What the server is told that we hold. Nothing while `*` has not been answered yet: a server that finds all of it
 * current may send no response at all, and nobody could tell that from an answer that is still to come.
 */
function initialVersions(sub: SubStream): Map<string, string> {
  const versions = new Map<string, string>();
  if (sub.wanted.has(WILDCARD) && !sub.wildcardAnswered) return versions;
  // What is not confirmed is to come again, or to be said to be gone: no version is equal to an empty one.
  for (const { name, version } of sub.held.values()) versions.set(name, sub.unconfirmed.has(name) ? "" : version);
  return versions;
}

function request(typeUrl: string, parts: Partial<DeltaRequest>): DeltaRequest {
  return { typeUrl, subscribe: [], unsubscribe: [], initialResourceVersions: new Map(), responseNonce: "", ...parts };
}
