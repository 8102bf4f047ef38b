import { createPlanAssembler, PLAN_PIECE, type PlanPiece, type RedirectPlan } from "@rxds/mesh/plan";

/** What a response changed of the pieces of a plan. */
export interface PieceChange {
  readonly upserts: readonly PlanPiece[];
  readonly removals: readonly string[];
}

/**
 * Makes plans of pieces. What it returns says when a response is to be acknowledged: one with the piece of the plan as a whole
 * when that plan is in force, any other at once.
 *
 * @param put puts a plan into force.
 * @throws PlanPieceError (by rejection) for pieces that cannot be used, and what `put` rejects with.
 */
export function createPlanFollower(put: (plan: RedirectPlan) => Promise<void>): (change: PieceChange) => Promise<void> {
  const assembler = createPlanAssembler();
  /** The newest plan that is whole: the version of its piece, and what became of it. */
  let newest: { readonly version: string; readonly outcome: Promise<void>; failed: boolean } | undefined;
  /** The version of the plan's piece that is held. */
  let version: string | undefined;
  /** Responses with the piece of a plan of which others are still on their way. */
  const early: ((outcome: Promise<void>) => void)[] = [];

  function putNewest(plan: RedirectPlan): void {
    const outcome = put(plan);
    const fresh = { version: version ?? "", outcome, failed: false };
    newest = fresh;
    // Who waits hears of it; others need not.
    outcome.catch(() => {
      fresh.failed = true;
    });
    for (const resolve of early.splice(0)) resolve(outcome);
  }

  return async ({ upserts, removals }) => {
    const whole = upserts.find(({ name }) => name === PLAN_PIECE);
    if (whole !== undefined) version = whole.version;
    if (removals.includes(PLAN_PIECE)) version = undefined;
    assembler.take(upserts, removals);
    const plan = assembler.plan();
    if (plan !== undefined) {
      // What failed is tried again when the server sends it again.
      const isNew = newest?.version !== version || (whole !== undefined && newest?.failed === true);
      if (isNew) putNewest(plan);
      if (whole !== undefined) await newest?.outcome;
    } else if (whole !== undefined) {
      await new Promise<void>((resolve) => {
        early.push(resolve);
      });
    }
  };
}
