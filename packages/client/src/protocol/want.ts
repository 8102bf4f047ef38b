import { WILDCARD } from "./messages.js";
import { drop, heldBy, isWanted, type SubStream } from "./sub-stream.js";

/** Subscribes to names. A name that is already wanted is not asked for again. */
export function want(sub: SubStream, names: Iterable<string>): void {
  for (const name of names) {
    if (sub.wanted.has(name)) continue;
    sub.wanted.add(name);
    // What was dropped and comes back before the server heard of it is asked for again, because it is held no longer. A
    // name needs no unsubscription for that: the server must send every name that is listed, even if it thinks it
    // current. No such rule is written for `*`.
    if (name !== WILDCARD) sub.stream?.unsubscribe.delete(name);
    sub.stream?.subscribe.add(name);
  }
}

/**
 * Unsubscribes from names, and drops what only they matched. A resource that `*` or another name still matches stays:
 * the server must say whether it belongs to them.
 */
export function unwant(sub: SubStream, names: Iterable<string>): void {
  for (const name of names) {
    if (!sub.wanted.delete(name)) continue;
    sub.missing.delete(name);
    sub.errors.delete(name);
    if (name === WILDCARD) sub.wildcardAnswered = false;
    sub.stream?.subscribe.delete(name);
    if (sub.stream?.told.has(name)) sub.stream.unsubscribe.add(name);
    for (const resource of name === WILDCARD ? [...sub.held.values()] : heldBy(sub, name)) {
      if (!isWanted(sub, resource.name, resource.aliases)) drop(sub, resource.name);
    }
  }
}
