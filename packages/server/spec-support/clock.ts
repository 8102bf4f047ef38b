import { vi } from "vitest";

/** The event loop's timers under the test's control: time passes, and turns happen, only when the test says so. */
export interface Clock extends Disposable {
  /** Runs one turn: what was scheduled with `setImmediate` so far. Returns whether there was anything. */
  turn(): boolean;
  /** Runs turns until nothing is scheduled for a next one. */
  settle(): void;
  /** Lets so many ms pass: timers fire in their order, each followed by all turns that it causes. */
  advance(ms: number): void;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
  cancelled: boolean;
  ref(): Timer;
  unref(): Timer;
}

/** More turns than this without a rest: something feeds itself. */
const MOST_TURNS = 10_000;

/**
 * Takes over `setImmediate`, `setTimeout`, `clearTimeout` and `performance.now` until it is disposed of.
 *
 * @param lookMs How much time passes at each look at the clock: more than 0 makes work that is bounded in time stop in between.
 */
export function installClock(lookMs = 0): Clock {
  let now = 0;
  let immediates: (() => void)[] = [];
  const timers = new Set<Timer>();
  const later = (run: () => void, ms = 0): Timer => {
    const timer: Timer = { at: now + Math.max(1, ms), run, cancelled: false, ref: () => timer, unref: () => timer };
    timers.add(timer);
    return timer;
  };
  const cancel = (timer: unknown): void => {
    if (typeof timer !== "object" || timer === null || !("cancelled" in timer)) return;
    timer.cancelled = true;
    timers.delete(timer as Timer);
  };
  vi.stubGlobal("setImmediate", (run: () => void) => void immediates.push(run));
  vi.stubGlobal("setTimeout", later);
  vi.stubGlobal("clearTimeout", cancel);
  const looks = vi.spyOn(performance, "now").mockImplementation(() => {
    now += lookMs;
    return now;
  });
  const turn = (): boolean => {
    const due = immediates;
    immediates = [];
    for (const run of due) run();
    return due.length > 0;
  };
  const settle = (): void => {
    for (let n = 0; turn(); n++) if (n > MOST_TURNS) throw new Error(`no rest after ${MOST_TURNS} turns`);
  };
  return {
    turn,
    settle,
    advance(ms) {
      const until = now + ms;
      settle();
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next);
        now = Math.max(now, next.at);
        if (!next.cancelled) next.run();
        settle();
      }
      now = Math.max(now, until);
    },
    [Symbol.dispose]() {
      vi.unstubAllGlobals();
      looks.mockRestore();
    },
  };
}
