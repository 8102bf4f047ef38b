import { TestkitError } from "../error.js";

/** How long to wait for a response, and what to say when none comes. */
export interface NextOptions {
  /** Milliseconds. Default 10000. */
  readonly deadlineMs?: number;
  /** What is awaited, for the error message. Default: "a response". */
  readonly describe?: string;
}

/** Responses in the order of their arrival, each taken once. */
export interface Inbox<T> {
  /** Everything that arrived, taken or not. */
  readonly received: readonly T[];
  /** Adds a response. */
  put(item: T): void;
  /** Nothing more will arrive: who waits, or will wait, fails with this reason. */
  close(reason: string): void;
  /** Takes the first response that matches and was not taken yet, or waits for it. */
  take(matches: (item: T) => boolean, options?: NextOptions): Promise<T>;
}

interface Waiter<T> {
  readonly matches: (item: T) => boolean;
  readonly resolve: (item: T) => void;
  readonly fail: (reason: string) => void;
}

/** An empty inbox. `summary` tells one response in one line, for error messages. */
export function createInbox<T>(summary: (item: T) => string): Inbox<T> {
  const received: T[] = [];
  const untaken: T[] = [];
  const waiters = new Set<Waiter<T>>();
  let closed: string | undefined;

  const failure = (code: "deadline" | "stream-closed", describe: string, why: string): TestkitError => {
    const lines = received.map((item) => `  ${untaken.includes(item) ? "not taken" : "taken    "} ${summary(item)}`);
    const list = lines.length === 0 ? "nothing was received" : `received so far:\n${lines.join("\n")}`;
    return new TestkitError(code, `${describe}: ${why}; ${list}`, { received: received.length });
  };
  return {
    received,
    put(item) {
      received.push(item);
      for (const waiter of waiters) {
        if (!waiter.matches(item)) continue;
        waiter.resolve(item);
        return;
      }
      untaken.push(item);
    },
    close(reason) {
      closed ??= reason;
      for (const waiter of waiters) waiter.fail(reason);
    },
    take(matches, { deadlineMs = 10_000, describe = "a response" } = {}) {
      const at = untaken.findIndex(matches);
      if (at >= 0) return Promise.resolve(untaken.splice(at, 1)[0]!);
      if (closed !== undefined) return Promise.reject(failure("stream-closed", describe, closed));
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          clearTimeout(timer);
          waiters.delete(waiter);
        };
        const waiter: Waiter<T> = {
          matches,
          resolve(item) {
            leave();
            resolve(item);
          },
          fail(reason) {
            leave();
            reject(failure("stream-closed", describe, reason));
          },
        };
        const timer = setTimeout(() => {
          leave();
          reject(failure("deadline", describe, `not within ${deadlineMs} ms`));
        }, deadlineMs);
        waiters.add(waiter);
      });
    },
  };
}
