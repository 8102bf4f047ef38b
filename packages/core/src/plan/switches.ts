import type { Resource } from "../resource/resource.js";
import type { ResourceType } from "../resource/resource-type.js";
import { typeUrls } from "../types/type-urls.js";
import { type NewClustersOf, newClustersOf } from "./new-clusters.js";
import { changesOf, type PlanChanges } from "./plan-changes.js";
import type { PlanStep, PlanUpsert, PlanWait } from "./plan-step.js";
import type { TakeOvers } from "./take-over.js";

/** From this rank on (ECDS, LDS, SRDS, RDS, VHDS, a user's own) a type may lead requests to clusters. */
export const SWITCH_RANK = 28;

/** What leads requests elsewhere, each type after those that name it. */
export function switches(changes: PlanChanges, types: readonly ResourceType[], taken: TakeOvers): PlanStep[] {
  const leadsTo = newClustersOf(changes);
  const steps: PlanStep[] = [];
  for (const { typeUrl: type } of types.filter(({ rank }) => rank >= SWITCH_RANK)) {
    const { upserts } = changesOf(changes, type);
    const isTaking = ({ name }: Resource) => type === typeUrls.listener && taken.by.has(name);
    steps.push(
      ordinary(
        changes,
        type,
        upserts.filter((one) => !isTaking(one)),
        leadsTo,
      ),
    );
    steps.push(takeOver(changes, type, upserts.filter(isTaking), leadsTo, taken));
  }
  return steps.filter(({ upserts }) => upserts.length > 0);
}

function ordinary(changes: PlanChanges, type: string, all: readonly Resource[], leadsTo: NewClustersOf): PlanStep {
  const waitsFor = clusterWaits(changes, all, leadsTo);
  const because =
    waitsFor.length > 0
      ? "leads to new clusters: clients have to be able to use these first"
      : "leads to nothing that clients do not have";
  const upserts = all.map((one) => waiting(one, leadsTo));
  return { kind: "switch", type, upserts, removals: [], waitsFor, because };
}

function takeOver(
  changes: PlanChanges,
  type: string,
  all: readonly Resource[],
  leadsTo: NewClustersOf,
  taken: TakeOvers,
): PlanStep {
  const upserts = all.map((one) => ({ ...waiting(one, leadsTo), takesOver: taken.by.get(one.name) ?? [] }));
  const removals = [...new Set(upserts.flatMap(({ takesOver }) => takesOver))].map((name) => ({ name }));
  const because = "in one response, so that the socket is handed over and no connection is refused";
  return { kind: "switch", type, upserts, removals, waitsFor: clusterWaits(changes, all, leadsTo), because };
}

function waiting(resource: Resource, leadsTo: NewClustersOf): PlanUpsert {
  const { name, version } = resource;
  const waitsFor = leadsTo(resource);
  return waitsFor.length > 0 ? { name, version, waitsFor } : { name, version };
}

function clusterWaits({ target }: PlanChanges, all: readonly Resource[], leadsTo: NewClustersOf): PlanWait[] {
  const names = new Set<string>();
  for (const list of new Set(all.map(leadsTo))) for (const name of list) names.add(name);
  const type = typeUrls.cluster;
  return [...names].map((name) => ({ type, name, until: target.get(type, name)?.traits?.readiness ?? "acked" }));
}
