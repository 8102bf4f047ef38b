import { XdsClientError, type XdsClientErrorDetails } from "./error.js";

/** How long to wait for a fact. */
export interface WaitOptions {
  /** Ends the wait: the promise is rejected with an XdsClientError `aborted`, whose cause is the signal's reason. */
  readonly signal?: AbortSignal;
  /** The longest wait in milliseconds: the promise is rejected with an XdsClientError `timeout`. Default: none. */
  readonly deadlineMs?: number;
}

/** A fact to wait for. */
export interface Fact<T> {
  /** Its value, or undefined as long as it is not true. */
  readonly check: () => T | undefined;
  /** What is awaited and what is the case instead: a sentence for the error of a wait that ends in vain. */
  readonly describe: () => string;
  /** What the fact is about. */
  readonly details: XdsClientErrorDetails;
}

/** Those who wait for facts. */
export interface Waiters {
  /** Resolves as soon as the fact is true, at once if it is. */
  wait<T>(fact: Fact<T>, options?: WaitOptions): Promise<T>;
  /** Looks again: something may have become true. */
  poll(): void;
  /** Rejects everybody. */
  end(error: XdsClientError): void;
}

/** The longest wait that setTimeout takes. */
const MAX_WAIT_MS = 2 ** 31 - 1;

interface Waiter {
  look(): void;
  reject(error: XdsClientError): void;
}

/** Nobody waits yet. */
export function createWaiters(): Waiters {
  const waiters = new Set<Waiter>();
  return {
    wait<T>({ check, describe, details }: Fact<T>, { signal, deadlineMs }: WaitOptions = {}): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        const known = check();
        if (known !== undefined) {
          resolve(known);
          return;
        }
        const leave = (): void => {
          waiters.delete(waiter);
          clearTimeout(timer);
          signal?.removeEventListener("abort", aborted);
        };
        const waiter: Waiter = {
          look() {
            const value = check();
            if (value === undefined) return;
            leave();
            resolve(value);
          },
          reject(error) {
            leave();
            reject(error);
          },
        };
        const aborted = (): void => {
          const cause: unknown = signal?.reason;
          waiter.reject(new XdsClientError("aborted", `aborted: ${describe()}`, details, { cause }));
        };
        const timer =
          deadlineMs === undefined
            ? undefined
            : setTimeout(
                () => {
                  waiter.reject(new XdsClientError("timeout", `after ${deadlineMs} ms: ${describe()}`, details));
                },
                Math.min(deadlineMs, MAX_WAIT_MS),
              );
        waiters.add(waiter);
        signal?.addEventListener("abort", aborted);
        if (signal?.aborted) aborted();
      });
    },
    poll() {
      for (const waiter of [...waiters]) waiter.look();
    },
    end(error) {
      for (const waiter of [...waiters]) waiter.reject(error);
    },
  };
}
