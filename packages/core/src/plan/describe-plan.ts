import { resourceType } from "../resource/type-registry.js";
import type { ResourceKey } from "../snapshot/snapshot.js";
import type { Plan, PlanRemoval, PlanStep, PlanUpsert, PlanWait } from "./plan-step.js";

/** More names than this are counted. */
const SHOWN = 8;

/**
 * A plan as text for people: a line for each step and each resource of which more is to be said.
 *
 * ```text
 * 1. add CDS: web2
 * 2. feed EDS: web2
 * 3. switch RDS: main (after web2)
 * 4. linger 5 s: requests that were routed before may still be in a filter
 * 5. drop CDS: web (was in RDS main)
 * ```
 */
export function describePlan(plan: Plan): string {
  if (plan.steps.length === 0 && plan.untold.length === 0) return "nothing to do: both snapshots are equal";
  const lines = plan.steps.map((step, i) => `${i + 1}. ${describeStep(step)}`);
  if (plan.untold.length > 0) lines.push(`not told: ${some(plan.untold.map(key))}`);
  for (const risk of plan.risks) lines.push(`risk: ${key(risk)} ${risk.message}`);
  return lines.join("\n");
}

function describeStep(step: PlanStep): string {
  const { kind, type, ms = 0, because } = step;
  const drained = step.waitsFor.filter(({ until }) => until === "unsubscribed");
  if (kind === "linger")
    return `linger ${ms / 1000} s${drained.length > 0 ? ` ${untilUnused(drained)}` : ""}: ${because}`;
  const parts = [...step.upserts.map(upsert), ...taken(step)];
  if (step.upserts.length === 0) parts.push(...step.removals.map(removal));
  return `${kind} ${resourceType(type).label}: ${some(parts)}`;
}

const untilUnused = (waits: readonly PlanWait[]): string => `after clients use ${some(waits.map(key))} no more`;

function upsert({ name, waitsFor = [], takesOver = [] }: PlanUpsert): string {
  const notes = [
    ...(takesOver.length > 0 ? [`takes over from ${some(takesOver)}`] : []),
    ...(waitsFor.length > 0 ? [`after ${some(waitsFor)}`] : []),
  ];
  return notes.length > 0 ? `${name} (${notes.join(", ")})` : name;
}

/** What an ordinary response takes away beside what it brings: nothing but listeners whose place is taken, told there. */
const taken = ({ upserts, removals }: PlanStep): string[] => {
  const told = new Set(upserts.flatMap(({ takesOver = [] }) => takesOver));
  return upserts.length === 0 ? [] : removals.filter(({ name }) => !told.has(name)).map(({ name }) => `-${name}`);
};

const removal = ({ name, heldBy = [] }: PlanRemoval): string =>
  heldBy.length > 0 ? `${name} (was in ${some(heldBy.map(key))})` : name;

const key = ({ type, name }: ResourceKey): string => `${resourceType(type).label} ${name}`;

function some(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return more > 1 ? `${names.slice(0, SHOWN).join(", ")} and ${more} more` : names.join(", ");
}
