import { setTimeout as delay } from "node:timers/promises";
import { messageOf, TestkitError } from "./error.js";

/** How long and how often `eventually` looks. */
export interface EventuallyOptions {
  /** Milliseconds until it gives up. Default 10000. */
  readonly deadlineMs?: number;
  /** Milliseconds between two looks. Default 10. */
  readonly intervalMs?: number;
  /** What is awaited, for the error message. A function is called when the deadline has passed, to tell the state then. */
  readonly describe?: string | (() => string | Promise<string>);
}

type Look<T> = { readonly value: T } | { readonly problem: unknown };

/**
 * Calls `probe` again and again until it returns, and resolves with what it returned. A probe that throws, rejects or
 * returns `false` has not succeeded yet; anything else, `undefined` included, is success: assertions make good probes.
 *
 * @throws TestkitError `deadline` with the last problem in its message and as its `cause`. A probe that is still
 *   running at the deadline is abandoned.
 */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<Exclude<Awaited<T>, false>> {
  const { deadlineMs = 10_000, intervalMs = 10, describe } = options;
  const deadline = performance.now() + deadlineMs;
  let last: unknown = new Error("the first look has not ended");
  for (;;) {
    const look = await lookOnce(probe, deadline - performance.now());
    if (look !== undefined) {
      if ("value" in look) return look.value;
      last = look.problem;
    }
    if (performance.now() + intervalMs >= deadline) break;
    await delay(intervalMs);
  }
  const what = typeof describe === "function" ? await describe() : describe;
  const message = `${what ?? "what was awaited"}: not within ${deadlineMs} ms. Last state: ${messageOf(last)}`;
  throw new TestkitError("deadline", message, { deadlineMs }, last);
}

/** One call of the probe; undefined when the time was over first. */
async function lookOnce<T>(
  probe: () => T | Promise<T>,
  ms: number,
): Promise<Look<Exclude<Awaited<T>, false>> | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(ms, 0));
  });
  try {
    return await Promise.race([attempt(probe), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

async function attempt<T>(probe: () => T | Promise<T>): Promise<Look<Exclude<Awaited<T>, false>>> {
  try {
    const value = await probe();
    if (value === false) return { problem: new Error("the probe returned false") };
    return { value: value as Exclude<Awaited<T>, false> };
  } catch (problem) {
    return { problem };
  }
}
