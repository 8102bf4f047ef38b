import { type Answers, backendsOf, isRouted, routedByAll, type Target } from "./answers.js";
import { now } from "./control.js";
import type { Outcome } from "./traffic.js";

/**
 * How long after its end a snapshot's answers are still right, in ms: Envoy's workers, and two processes' reports, come a little
 * after the ACK.
 */
const GRACE_MS = 250;

/** A request that should have been answered, and was not, or by the wrong one. */
export interface Failure {
  readonly outcome: Outcome;
  /** What happened, in a word or two. */
  readonly what: string;
  /** The number and the kind of the transition during which it ended. */
  readonly during: string;
  readonly kind: string;
  /** Who could have answered. */
  readonly right: readonly string[];
}

/** Decides of every request whether it failed. */
export interface Judge {
  /** Requests that all snapshots of their time route. */
  readonly requests: () => number;
  /** The longest that a request took that did not fail, in ms. */
  readonly slowestMs: () => number;
  /** Those of them that failed. */
  readonly failures: readonly Failure[];
  /**
   * Requests that were sent on a connection that had answered before, and got nothing. HTTP lets a server close an idle
   * connection, so they count only if Envoy has seen them.
   */
  readonly lost: readonly Failure[];
  /** A snapshot may be in force from now on. `during`, `kind`: the transition. */
  begin(answers: Answers, during: string, kind: string): void;
  /** Only the newest of them is in force now. */
  end(): void;
  /** What all snapshots that may be in force route. */
  targets(): Target[];
  hear(outcome: Outcome): void;
}

interface InForce {
  readonly answers: Answers;
  readonly from: number;
  /** When it ends for new connections. */
  to: number;
  /** When it ends for all: the connections of a listener that drains go by the routes that it had. */
  drained: number;
}

/** `failed` hears of each failure at once. `drainMs`: how long Envoy takes to drain a listener. */
export function createJudge(failed: (failure: Failure) => void, drainMs = 0): Judge {
  let timeline: InForce[] = [];
  let [current, currentKind] = ["", ""];
  let requests = 0;
  let slowestMs = 0;
  const failures: Failure[] = [];
  const lost: Failure[] = [];
  return {
    requests: () => requests,
    slowestMs: () => slowestMs,
    failures,
    lost,
    begin(answers, during, kind) {
      [current, currentKind] = [during, kind];
      const open = Number.POSITIVE_INFINITY;
      timeline.push({ answers, from: now(), to: open, drained: open });
    },
    end() {
      const newest = timeline.at(-1);
      const end = now() + GRACE_MS;
      for (const one of timeline) {
        if (one === newest) continue;
        one.to = Math.min(one.to, end);
        one.drained = Math.min(one.drained, end + drainMs);
      }
      // An outcome is told soon after it happened, and no request lasts for 20 s.
      timeline = timeline.filter(({ drained }) => drained > now() - 20_000);
    },
    targets: () => routedByAll(timeline.filter(({ to }) => to > now()).map(({ answers }) => answers)),
    hear(outcome) {
      const { target, sentAt, doneAt } = outcome;
      const then = timeline.filter(({ from, drained }) => from <= doneAt && drained >= sentAt);
      const routing = then.filter(({ to }) => to >= sentAt);
      // What one of them does not route may go wrong.
      if (routing.length === 0 || !routing.every(({ answers }) => isRouted(answers, target))) return;
      requests += 1;
      const all = then.map(({ answers }) => answers);
      const backends = backendsOf(all, target);
      const what = problemOf(outcome, backends);
      if (what === undefined) {
        slowestMs = Math.max(slowestMs, outcome.doneAt - outcome.sentAt);
        return;
      }
      const failure = { outcome, what, during: current, kind: currentKind, right: [...backends] };
      if (outcome.error !== "" && outcome.error !== "timeout" && outcome.status === 0 && outcome.reused) {
        lost.push(failure);
        return;
      }
      failures.push(failure);
      failed(failure);
    },
  };
}

/** What is wrong with an outcome; undefined: nothing. */
function problemOf({ error, status, backend, body = "" }: Outcome, right: ReadonlySet<string>): string | undefined {
  if (error !== "") return status === 0 ? error : `${error} within an answer of ${status}`;
  // Flags and reason; the rest is for people.
  if (backend === "") return `${status} ${body.split(" ").slice(0, 2).join(" ")}`;
  if (status !== 200) return `${status}`;
  return right.has(backend) ? undefined : "wrong backend";
}
