import type { RedirectPlan } from "@rxds/mesh";
import { type Observable, ReplaySubject } from "rxjs";
import { AgentError } from "./agent-error.js";
import type { AgentSink } from "./agent-sink.js";

/** Hands plans to a sink, and hears what becomes of each. */
export interface HandOver {
  /** The sink. */
  readonly sink: AgentSink;
  /**
   * Gives a plan to the sink. Resolves when it, or a later one, is in force.
   * @throws AgentError (by rejection) when it could not be put into force, and no later one is.
   */
  put(plan: RedirectPlan): Promise<void>;
  /** Closes the sink. Whoever waits for a plan waits for ever. */
  close(): Promise<void>;
}

/** One who waits for a plan. */
interface Ticket {
  resolve(): void;
  reject(error: AgentError): void;
}

/** A plan that the sink has, or will have. */
interface Given {
  readonly plan: RedirectPlan;
  readonly tickets: readonly Ticket[];
}

/** Starts a sink. */
export function createHandOver(start: (plan$: Observable<RedirectPlan>) => AgentSink): HandOver {
  const plan$ = new ReplaySubject<RedirectPlan>(1);
  /** What the sink has not said anything of, oldest first. */
  let given: readonly Given[] = [];
  /** Waits: the sink has one of the same generation, and what it says of that could not be told from what it says of this. */
  let waiting: Given | undefined;
  let ended: AgentError | undefined;

  function give(next: Given): void {
    if (given.some(({ plan }) => plan.generation === next.plan.generation)) {
      waiting = next;
      return;
    }
    waiting = undefined;
    given = [...given, next];
    plan$.next(next.plan);
  }

  /** The sink has said something of a generation, and will say nothing of older ones. */
  function settle(generation: string, finish: (ticket: Ticket) => void): void {
    const at = given.findIndex(({ plan }) => plan.generation === generation);
    // Of a plan that was given before this start, or is settled already.
    if (at < 0) return;
    const settled = given.slice(0, at + 1);
    given = given.slice(at + 1);
    for (const { tickets } of settled) for (const ticket of tickets) finish(ticket);
    if (waiting !== undefined) give(waiting);
  }

  function end(cause?: unknown): void {
    const reason = cause === undefined ? "it completed" : messageOf(cause);
    ended ??= new AgentError("sink-ended", `plan: the sink says nothing any more: ${reason}`, { cause });
    for (const { tickets } of [...given, ...(waiting === undefined ? [] : [waiting])]) {
      for (const ticket of tickets) ticket.reject(ended);
    }
    given = [];
    waiting = undefined;
  }

  const sink = start(plan$.asObservable());
  const applied = sink.applied$.subscribe({
    next: ({ generation }) => settle(generation, ({ resolve }) => resolve()),
    error: end,
    complete: () => end(),
  });
  const failures = sink.failures$.subscribe({
    next: ({ generation, error }) => {
      const message = `plan ${generation}: not in force: ${error.message}`;
      const failure = new AgentError("sink-failed", message, { cause: error });
      settle(generation, ({ reject }) => reject(failure));
    },
    error: end,
  });

  return {
    sink,
    put: (plan) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) {
          reject(ended);
          return;
        }
        give({ plan, tickets: [...(waiting?.tickets ?? []), { resolve, reject }] });
      }),
    async close() {
      applied.unsubscribe();
      failures.unsubscribe();
      await sink.close();
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
