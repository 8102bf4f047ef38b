import type { ResourceType } from "../resource/resource-type.js";
import { typeUrls } from "../types/type-urls.js";
import { changesOf, type PlanChanges } from "./plan-changes.js";
import type { PlanStep, PlanWait } from "./plan-step.js";
import type { TakeOvers } from "./take-over.js";

/** Types whose removals clients are not told of. */
export const UNTOLD: ReadonlySet<string> = new Set([typeUrls.endpoints, typeUrls.secret, typeUrls.routes]);

/** What nothing leads to any more, once clients have accepted all that led away from it. */
export function unlistens(
  changes: PlanChanges,
  types: readonly ResourceType[],
  switched: readonly PlanStep[],
  { replaced }: TakeOvers,
): PlanStep[] {
  const listeners = changesOf(changes, typeUrls.listener).removals.filter((name) => !replaced.has(name));
  const first = removal(typeUrls.listener, listeners, switched, "its requests are served elsewhere, or nowhere");
  const before = first.removals.length > 0 ? [...switched, first] : switched;
  const rest = types.filter(
    ({ typeUrl: type }) => !UNTOLD.has(type) && type !== typeUrls.cluster && type !== first.type,
  );
  const others = rest.map(({ typeUrl: type }) =>
    removal(type, changesOf(changes, type).removals, before, "what named it no longer does"),
  );
  return [first, ...others].filter(({ removals }) => removals.length > 0);
}

function removal(type: string, names: readonly string[], before: readonly PlanStep[], because: string): PlanStep {
  const removals = names.map((name) => ({ name }));
  return { kind: "unlisten", type, upserts: [], removals, waitsFor: acks(before), because };
}

/** That clients accepted all that some steps say. */
export function acks(steps: readonly PlanStep[]): PlanWait[] {
  return steps.flatMap(({ type, upserts, removals }) =>
    [...upserts, ...removals].map(({ name }): PlanWait => ({ type, name, until: "acked" })),
  );
}
