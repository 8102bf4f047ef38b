import { Observable } from "rxjs";
import { ListenerQuestions } from "./listener-questions.js";
import type { ListenerFacts } from "./ready-plans.js";
import type { RedirectPlan } from "./redirect-plan.js";
import { restrictPlan, samePlan } from "./restrict-plan.js";

/** Options of {@link readyEntries}. */
export interface ReadyEntriesOptions {
  /**
   * What was in force before the first plan is not known, and is not to be given up because proxies are still coming: the first
   * plan waits until all its listeners are ready, or for so long after the first of them is, in milliseconds. Default: 30000, which
   * is how long an Envoy may take to come back.
   */
  readonly firstWithinMs?: number;
}

/**
 * The newest of a node's plans, as much of it as is ready: an entry comes when its listeners are ready, one that was there before
 * keeps its old target until then, and one that is not wanted any more leaves at once. A listener that does not become ready
 * holds up only what leads to it. What becomes ready together is one emission.
 *
 * A workload that goes from one proxy to another does so when all that was redirected for it is ready at the other.
 *
 * The generation is that of the plan, unless something of an older plan is left: then it is another, since connections are
 * still redirected as that one said.
 */
export function readyEntries(
  plans$: Observable<RedirectPlan>,
  facts: ListenerFacts,
  { firstWithinMs = 30_000 }: ReadyEntriesOptions = {},
): Observable<RedirectPlan> {
  return new Observable<RedirectPlan>((subscriber) => {
    let newest: RedirectPlan | undefined;
    let shown: RedirectPlan | undefined;
    let patience: NodeJS.Timeout | undefined;
    let patient = true;
    let scheduled: NodeJS.Immediate | undefined;
    let ended = false;
    const questions = new ListenerQuestions(facts, () => {
      patience ??= setTimeout(() => {
        patient = false;
        schedule();
      }, firstWithinMs);
      schedule();
    });

    function schedule(): void {
      scheduled ??= setImmediate(show);
    }

    function show(): void {
      scheduled = undefined;
      const waits = questions.open > 0;
      if (newest !== undefined && (shown !== undefined || !waits || !patient)) {
        const plan = restrictPlan(newest, questions.isReady, shown);
        if (!samePlan(plan, shown)) {
          shown = plan;
          subscriber.next(plan);
        }
      }
      if (ended && !waits) subscriber.complete();
    }

    const subscription = plans$.subscribe({
      next: (plan) => {
        newest = plan;
        questions.ask(plan);
        schedule();
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => {
        ended = true;
        schedule();
      },
    });
    return () => {
      subscription.unsubscribe();
      questions.close();
      clearTimeout(patience);
      clearImmediate(scheduled);
    };
  });
}
