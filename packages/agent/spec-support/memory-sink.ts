import type { RedirectPlan } from "@rxds/mesh";
import { type Observable, ReplaySubject, Subject } from "rxjs";
import type { AgentSink, AppliedPlan, FailedPlan } from "../src/agent-sink.js";

/** Puts plans into force in memory: at once, or when it is told to. What is in force outlives agents, as in a kernel. */
export interface MemorySink {
  readonly start: (plan$: Observable<RedirectPlan>) => AgentSink;
  /** Every plan that came. */
  readonly plans: RedirectPlan[];
  /** What is in force. */
  inForce: RedirectPlan | undefined;
  /** What becomes of the next plans. */
  behaviour: "apply" | "wait" | Error;
  /** Puts the newest plan into force. */
  apply(): void;
  /** How often it was closed. */
  closed: number;
}

export function memorySink(): MemorySink {
  let applied$ = new ReplaySubject<AppliedPlan>(1);
  const sink: MemorySink = {
    plans: [],
    inForce: undefined,
    behaviour: "apply",
    closed: 0,
    apply() {
      sink.inForce = sink.plans.at(-1)!;
      applied$.next({ generation: sink.inForce.generation, problems: [] });
    },
    start(plan$) {
      applied$ = new ReplaySubject(1);
      const failures$ = new Subject<FailedPlan>();
      if (sink.inForce !== undefined) applied$.next({ generation: sink.inForce.generation, problems: [] });
      const following = plan$.subscribe((plan) => {
        sink.plans.push(plan);
        const { behaviour } = sink;
        if (behaviour === "apply") sink.apply();
        else if (behaviour !== "wait") failures$.next({ generation: plan.generation, error: behaviour });
      });
      return {
        applied$,
        failures$,
        async close() {
          following.unsubscribe();
          sink.closed++;
        },
      };
    },
  };
  return sink;
}
