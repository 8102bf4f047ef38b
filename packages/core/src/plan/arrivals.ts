import type { Resource } from "../resource/resource.js";
import type { ResourceType } from "../resource/resource-type.js";
import { typeUrls } from "../types/type-urls.js";
import { changesOf, type PlanChanges } from "./plan-changes.js";
import type { PlanStep, PlanUpsert } from "./plan-step.js";
import { SWITCH_RANK } from "./switches.js";

export const upsertOf = ({ name, version }: Resource): PlanUpsert => ({ name, version });

/** What leads nowhere itself, and so waits for nothing: new and changed clusters, and what they need. */
export function arrivals(changes: PlanChanges, types: readonly ResourceType[]): PlanStep[] {
  const clusters = changesOf(changes, typeUrls.cluster).upserts;
  const feeds = new Set(types.filter(({ rank }) => rank < SWITCH_RANK).map(({ typeUrl }) => typeUrl));
  feeds.delete(typeUrls.cluster);
  // Behind the types of lower rank: a cluster that changed needs its endpoints although they did not.
  if (clusters.length > 0) feeds.add(typeUrls.endpoints);
  const steps = [...feeds].map((type) =>
    type === typeUrls.endpoints ? endpoints(changes, clusters) : feed(changes, type),
  );
  return [add(clusters), ...steps].filter(({ upserts }) => upserts.length > 0);
}

const step = (kind: "add" | "feed", type: string, upserts: readonly PlanUpsert[], because: string): PlanStep => ({
  kind,
  type,
  upserts,
  removals: [],
  waitsFor: [],
  because,
});

const add = (clusters: readonly Resource[]): PlanStep =>
  step("add", typeUrls.cluster, clusters.map(upsertOf), "a cluster has to be there before anything leads to it");

const feed = (changes: PlanChanges, type: string): PlanStep =>
  step("feed", type, changesOf(changes, type).upserts.map(upsertOf), "leads nowhere: it can be used at once");

function endpoints(changes: PlanChanges, clusters: readonly Resource[]): PlanStep {
  const lists = new Map(changesOf(changes, typeUrls.endpoints).upserts.map((list) => [list.name, list]));
  const before = lists.size;
  for (const to of clusters.flatMap(({ references }) => references ?? [])) {
    const list = to.type === typeUrls.endpoints ? changes.target.get(to.type, to.name) : undefined;
    if (list !== undefined) lists.set(list.name, list);
  }
  const because =
    lists.size > before || clusters.length > 0
      ? "a new or changed cluster is ready when its endpoints come behind it, even if they have not changed"
      : "leads nowhere: it can be used at once";
  return step("feed", typeUrls.endpoints, [...lists.values()].map(upsertOf), because);
}
