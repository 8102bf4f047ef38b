/** How long somebody waits for a fact. */
export interface WaitOptions {
  /** Gives up after so many ms. Default: 30,000. */
  readonly deadlineMs?: number;
  /** Gives up when it aborts. */
  readonly signal?: AbortSignal;
}

/** What was waited for did not come in time. */
export class NotReachedError extends Error {
  override readonly name = "NotReachedError";
  constructor(
    /** What was waited for. */
    readonly what: string,
    /** How things stood at the end. */
    readonly state: string,
  ) {
    super(`${what}: not reached in time; ${state}`);
  }
}

/** One who waits. */
interface Waiter {
  readonly holds: () => boolean;
  readonly resolve: () => void;
}

/** Those who wait for facts that ACKs, commits and disconnections bring about. */
export interface Waiters {
  /** Resolves when `holds()`. @throws NotReachedError, or the signal's reason. */
  wait(what: string, holds: () => boolean, state: () => string, options?: WaitOptions): Promise<void>;
  /** Something happened: whoever waits looks again, once, a little later. */
  poke(): void;
}

export function createWaiters(): Waiters {
  const waiting = new Set<Waiter>();
  let scheduled = false;
  const look = () => {
    scheduled = false;
    for (const waiter of waiting) if (waiter.holds()) waiter.resolve();
  };
  return {
    poke() {
      if (scheduled || waiting.size === 0) return;
      scheduled = true;
      setImmediate(look);
    },
    wait(what, holds, state, { deadlineMs = 30_000, signal } = {}) {
      return new Promise((resolve, reject) => {
        if (holds()) {
          resolve();
          return;
        }
        const settle = (finish: () => void) => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", aborted);
          waiting.delete(waiter);
          finish();
        };
        const aborted = () => settle(() => reject(signal?.reason));
        const timer = setTimeout(() => settle(() => reject(new NotReachedError(what, state()))), deadlineMs);
        const waiter: Waiter = { holds, resolve: () => settle(resolve) };
        signal?.addEventListener("abort", aborted);
        if (signal?.aborted) aborted();
        else waiting.add(waiter);
      });
    },
  };
}
