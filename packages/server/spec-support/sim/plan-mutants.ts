import { type Plan, type PlanStep, type PlanStepKind, type PlanWait, typeUrls } from "@rxds/core";

type Mutant = (plan: Plan) => Plan;

const steps =
  (change: (all: readonly PlanStep[]) => readonly PlanStep[]): Mutant =>
  (plan) => ({ ...plan, steps: change(plan.steps) });

const each = (change: (step: PlanStep) => PlanStep | readonly PlanStep[]): Mutant =>
  steps((all) => all.flatMap(change));

/** Moves the steps of one kind before all others; what they wait for would never come. */
const first = (kind: PlanStepKind): Mutant =>
  steps((all) => [
    ...all.filter((step) => step.kind === kind).map((step) => ({ ...step, waitsFor: [] })),
    ...all.filter((step) => step.kind !== kind),
  ]);

const without = (kind: PlanStepKind): Mutant => steps((all) => all.filter((step) => step.kind !== kind));

const waits = (keep: (wait: PlanWait) => boolean): Mutant =>
  each((step) => ({ ...step, waitsFor: step.waitsFor.filter(keep) }));

const isTakeOver = ({ upserts, removals }: PlanStep): boolean => upserts.length > 0 && removals.length > 0;

/** A plan with a mistake: it has to be noticed, or the test that goes by it proves nothing. */
export interface PlanMutant {
  readonly mutate: Mutant;
  /** How it is noticed. */
  readonly notice: RegExp;
}

const gone = /leads requests to \w+, which is not there/;
const unready = /leads requests to \w+, which is not ready/;

/** By what is wrong with them. */
export const planMutants: Readonly<Record<string, PlanMutant>> = {
  "drops clusters before what led to them is switched": { mutate: first("drop"), notice: gone },
  "switches before clusters are added": { mutate: first("switch"), notice: gone },
  "does not feed": { mutate: without("feed"), notice: unready },
  "does not feed endpoints that have not changed": {
    mutate: (plan) => {
      const news = new Set(
        plan.steps.flatMap(({ kind, upserts }) => (kind === "add" ? upserts : [])).map(({ name }) => name),
      );
      return each((step) =>
        step.type === typeUrls.endpoints
          ? { ...step, upserts: step.upserts.filter(({ name }) => !news.has(name)) }
          : step,
      )(plan);
    },
    notice: unready,
  },
  "feeds before it adds": { mutate: first("feed"), notice: unready },
  "drops without lingering": {
    mutate: each((step) => (step.kind === "linger" ? { ...step, ms: 0 } : step)),
    notice: gone,
  },
  "lingers without regard to retries and drains": {
    mutate: each((step) => (step.kind === "linger" ? { ...step, ms: Math.min(step.ms ?? 0, 500) } : step)),
    notice: gone,
  },
  "lingers before all is switched": {
    mutate: each((step) => (step.kind === "linger" ? { ...step, waitsFor: [] } : step)),
    notice: gone,
  },
  "does not wait for draining listeners": {
    mutate: waits((wait) => wait.until !== "unsubscribed"),
    notice: gone,
  },
  "switches without waiting": {
    mutate: each((step) => (step.kind === "switch" ? { ...step, waitsFor: [] } : step)),
    notice: gone,
  },
  "takes a health-checked cluster for ready when its endpoints are there": {
    mutate: each((step) => ({
      ...step,
      waitsFor: step.waitsFor.map((wait) =>
        wait.type === typeUrls.cluster ? { ...wait, until: "eds" as const } : wait,
      ),
    })),
    notice: gone,
  },
  "adds a listener before the one that it replaces goes": {
    mutate: each((step) =>
      isTakeOver(step)
        ? [
            { ...step, removals: [] },
            { ...step, upserts: [], waitsFor: [] },
          ]
        : step,
    ),
    notice: /nobody listens at/,
  },
  "adds a listener after the one that it replaces is gone": {
    mutate: each((step) =>
      isTakeOver(step)
        ? [
            { ...step, upserts: [] },
            { ...step, removals: [], waitsFor: [] },
          ]
        : step,
    ),
    notice: /nobody listens at/,
  },
  "does not drop": { mutate: without("drop"), notice: /Cluster \w+ is still there/ },
};
