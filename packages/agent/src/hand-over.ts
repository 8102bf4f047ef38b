import type { RedirectPlan } from "@rxds/mesh/plan";
import { from, type Observable, of, ReplaySubject, switchMap } from "rxjs";
import { AgentError } from "./agent-error.js";
import type { AgentSink } from "./agent-sink.js";

/** Hands plans to a sink, and hears what becomes of each. */
export interface HandOver {
  /** What the sink says is in force. */
  readonly applied$: AgentSink["applied$"];
  /** What the sink says it could not put into force. */
  readonly failures$: AgentSink["failures$"];
  /**
   * Gives a plan to the sink. Resolves when it, or a later one, is in force.
   * @throws AgentError (by rejection) when it could not be put into force, and no later one is.
   */
  put(plan: RedirectPlan): Promise<void>;
  /** Closes the sink. Whoever waits for a plan waits for ever. */
  close(): Promise<void>;
}

/** Starts what puts plans into force. */
export type StartSink = (plan$: Observable<RedirectPlan>) => AgentSink | Promise<AgentSink>;

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

/** What a sink says unasked. */
export interface HandOverHooks {
  /** It could not be started, or says nothing any more. */
  ended?(error: AgentError): void;
  /** A plan that it could not put into force is in force after all, and nobody waits for that. */
  late?(): void;
}

/** Starts a sink. */
export function createHandOver(start: StartSink, hooks: HandOverHooks = {}): HandOver {
  const plan$ = new ReplaySubject<RedirectPlan>(1);
  /** What the sink has not said anything of, oldest first. */
  let given: readonly Given[] = [];
  /** Waits: the sink has one of the same generation, and what it says of that could not be told from what it says of this. */
  let waiting: Given | undefined;
  let ended: AgentError | undefined;
  /** The generation of the last plan that failed. */
  let failed: string | undefined;

  function give(next: Given): void {
    if (given.some(({ plan }) => plan.generation === next.plan.generation)) {
      waiting = next;
      return;
    }
    waiting = undefined;
    given = [...given, next];
    plan$.next(next.plan);
  }

  /** The sink has said something of a generation, and will say nothing of older ones. Returns whether somebody waited for it. */
  function settle(generation: string, finish: (ticket: Ticket) => void): boolean {
    const at = given.findIndex(({ plan }) => plan.generation === generation);
    // Of a plan that was given before this start, or is settled already.
    if (at < 0) return false;
    const settled = given.slice(0, at + 1);
    given = given.slice(at + 1);
    for (const { tickets } of settled) for (const ticket of tickets) finish(ticket);
    if (waiting !== undefined) give(waiting);
    return true;
  }

  function end(cause?: unknown): void {
    const reason = cause === undefined ? "it completed" : messageOf(cause);
    if (ended !== undefined) return;
    ended = new AgentError("sink-ended", `plan: the sink says nothing any more: ${reason}`, { cause });
    for (const { tickets } of [...given, ...(waiting === undefined ? [] : [waiting])]) {
      for (const ticket of tickets) ticket.reject(ended);
    }
    given = [];
    waiting = undefined;
    hooks.ended?.(ended);
  }

  const started = start(plan$.asObservable());
  const sink$ = started instanceof Promise ? from(started) : of(started);
  const applied$ = sink$.pipe(switchMap((sink) => sink.applied$));
  const failures$ = sink$.pipe(switchMap((sink) => sink.failures$));
  const applied = applied$.subscribe({
    next: ({ generation }) => {
      const isLate = failed === generation;
      failed = undefined;
      if (!settle(generation, ({ resolve }) => resolve()) && isLate) hooks.late?.();
    },
    error: end,
    complete: () => end(),
  });
  const failures = failures$.subscribe({
    next: ({ generation, error }) => {
      const message = `plan ${generation}: not in force: ${error.message}`;
      failed = generation;
      const failure = new AgentError("sink-failed", message, { cause: error });
      settle(generation, ({ reject }) => reject(failure));
    },
    error: end,
  });

  return {
    applied$,
    failures$,
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
      // One that could not be started has nothing to be closed.
      const sink = await Promise.resolve(started).catch(() => undefined);
      await sink?.close();
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
