import { drop, type SubStream } from "./sub-stream.js";

/**
 * Drops every resource whose time to live is over, and returns their names. The server is not told: it ordered the
 * removal itself. `soonest` then says when to look again.
 */
export function expire(sub: SubStream, now: number): string[] {
  const removals: string[] = [];
  if (sub.soonest > now) return removals;
  sub.soonest = Number.POSITIVE_INFINITY;
  for (const [name, at] of sub.expiries) {
    if (at <= now) {
      drop(sub, name);
      removals.push(name);
    } else {
      sub.soonest = Math.min(sub.soonest, at);
    }
  }
  return removals;
}
