import type { Mode } from "../envoy/lab.js";
import type { Failure, Judge } from "./judge.js";

/** What came of one kind of transition. */
export interface KindReport {
  /** How often it occurred. */
  readonly count: number;
  /** Requests that failed while it went on. */
  readonly failed: number;
  /** From the snapshot until all of it was accepted, and what is gone was gone. */
  readonly medianMs: number;
  /** The longest. */
  readonly maxMs: number;
}

/** The result of a run. */
export interface Report {
  readonly mode: Mode;
  readonly seed: number;
  readonly hitless: boolean;
  readonly transitions: number;
  /** Requests that were judged: all snapshots of their time route them. */
  readonly requests: number;
  /** Those that got no answer, one made by Envoy, or one of a wrong backend. */
  readonly failed: number;
  /** Those of them that got no whole answer. */
  readonly resets: number;
  /** The longest that a request took that was answered well, in ms; Envoy's delay is part of it. */
  readonly slowestMs: number;
  /** Requests on a connection that Envoy closed while it was idle. No failures: HTTP clients send them again. */
  readonly lostWhileIdle: number;
  readonly medianTransitionMs: number;
  /**
   * Responses beyond one for each type of which Envoy must hear to go from the snapshot before a transition to the one after it.
   * Transitions with a rejection or a restart are left out: a search and a reconnect have responses of their own.
   */
  readonly extraMessages: number;
  /** How often each failure occurred. */
  readonly failures: Readonly<Record<string, number>>;
  readonly kinds: Readonly<Record<string, KindReport>>;
}

const WITHOUT_COUNT = ["rejection", "restart"];

/** Adds transitions up. */
export function createTally() {
  const durations = new Map<string, number[]>();
  let extra = 0;
  return {
    /** One transition: how long it took, and how many responses it cost beyond what was needed. */
    add(kind: string, ms: number, extraMessages: number): void {
      durations.set(kind, [...(durations.get(kind) ?? []), ms]);
      if (!WITHOUT_COUNT.includes(kind)) extra += extraMessages;
    },
    /** `cut`: requests that Envoy had got and did not answer. */
    report(run: Pick<Report, "mode" | "seed" | "hitless"> & { judge: Judge; cut: readonly Failure[] }): Report {
      const { mode, seed, hitless, judge, cut } = run;
      const failures = [...judge.failures, ...cut];
      const ofKind = (kind: string) => failures.filter((failure) => failure.kind === kind).length;
      return {
        mode,
        seed,
        hitless,
        transitions: [...durations.values()].flat().length,
        requests: judge.requests(),
        failed: failures.length,
        resets: failures.filter(({ outcome }) => outcome.error !== "").length,
        lostWhileIdle: judge.lost.length - cut.length,
        slowestMs: Math.round(judge.slowestMs()),
        medianTransitionMs: median([...durations.values()].flat()),
        extraMessages: extra,
        failures: counted(failures.map(({ what }) => what)),
        kinds: Object.fromEntries(
          [...durations].map(([kind, ms]) => [
            kind,
            { count: ms.length, failed: ofKind(kind), medianMs: median(ms), maxMs: Math.round(Math.max(...ms)) },
          ]),
        ),
      };
    },
  };
}

function counted(words: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}
