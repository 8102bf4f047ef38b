import { expire } from "./protocol/expire.js";
import type { SubStream } from "./protocol/sub-stream.js";

/** Drops resources when their time to live is over. */
export interface ExpiryTimer {
  /** Looks when the next resource expires. To be called whenever a response was applied. */
  arm(): void;
  /** Stops the timer. */
  stop(): void;
}

/** The longest wait that setTimeout takes. */
const MAX_WAIT_MS = 2 ** 31 - 1;

/**
 * A timer for one type.
 *
 * @param expired gets the names of the resources that were dropped.
 */
export function createExpiryTimer(sub: SubStream, expired: (names: readonly string[]) => void): ExpiryTimer {
  let timer: NodeJS.Timeout | undefined;
  let due = Number.POSITIVE_INFINITY;
  const arm = (): void => {
    if (sub.soonest >= due) return;
    clearTimeout(timer);
    due = sub.soonest;
    const wait = Math.ceil(Math.max(due - performance.now(), 0));
    timer = setTimeout(look, Math.min(wait, MAX_WAIT_MS));
  };
  const look = (): void => {
    due = Number.POSITIVE_INFINITY;
    const names = expire(sub, performance.now());
    arm();
    if (names.length > 0) expired(names);
  };
  return { arm, stop: () => clearTimeout(timer) };
}
