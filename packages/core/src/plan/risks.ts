import type { Resource } from "../resource/resource.js";
import { typeUrls } from "../types/type-urls.js";
import { changesOf, type PlanChanges } from "./plan-changes.js";
import type { PlanRisk } from "./plan-step.js";
import { addressesOf, type TakeOvers } from "./take-over.js";

/** What no order of steps makes safe. Looks at what is different only. */
export function risks(changes: PlanChanges, taken: TakeOvers): readonly PlanRisk[] {
  return [
    ...starving(changes),
    ...dangling(changes),
    ...takings(changes, taken),
    ...moves(changes),
    ...repointed(changes),
  ];
}

const risk = ({ type, name }: Resource, message: string): PlanRisk => ({ type, name, message });

/** New clusters whose endpoints are not there. */
function starving({ types, newClusters, target }: PlanChanges): PlanRisk[] {
  const clusters = types.get(typeUrls.cluster)?.upserts ?? [];
  return clusters.flatMap((cluster) => {
    const eds = cluster.references?.find(({ type }) => type === typeUrls.endpoints);
    if (eds === undefined || !newClusters.has(cluster.name) || target.get(eds.type, eds.name)) return [];
    return risk(
      cluster,
      `is new, and its endpoints ${JSON.stringify(eds.name)} are not there: what leads to it is held back until they are`,
    );
  });
}

/** What is sent and names a cluster that goes. */
function dangling(changes: PlanChanges): PlanRisk[] {
  const gone = new Set(changesOf(changes, typeUrls.cluster).removals);
  if (gone.size === 0) return [];
  const found: PlanRisk[] = [];
  for (const { upserts } of changes.types.values()) {
    for (const resource of upserts) {
      const to = resource.references?.find(({ type, name }) => type === typeUrls.cluster && gone.has(name));
      if (to)
        found.push(risk(resource, `names Cluster ${JSON.stringify(to.name)} at ${to.path}, which goes: it is held`));
    }
  }
  return found;
}

/** Listeners that take an address over. */
function takings({ target }: PlanChanges, { by }: TakeOvers): PlanRisk[] {
  return [...by].flatMap(([name, before]) => {
    const listener = target.get(typeUrls.listener, name);
    if (listener === undefined) return [];
    const from = before.map((old) => JSON.stringify(old)).join(", ");
    const found = [
      risk(
        listener,
        `takes the address of ${from}: if a client rejects it, that port is closed; under the old name the old one would stay`,
      ),
    ];
    const missing = listener.references?.find((to) => to.type === typeUrls.routes && !target.get(to.type, to.name));
    if (missing) {
      const routes = `RouteConfiguration ${JSON.stringify(missing.name)}`;
      found.push(
        risk(listener, `takes the address of ${from}, and ${routes} is not there: nobody accepts until it comes`),
      );
    }
    return found;
  });
}

/** Addresses that go from one listener to another, where both stay. */
function moves(changes: PlanChanges): PlanRisk[] {
  const { upserts } = changesOf(changes, typeUrls.listener);
  const left = new Map<string, string>();
  for (const listener of upserts) {
    const now = addressesOf(listener);
    for (const address of addressesOf(changes.have.get(listener.type, listener.name))) {
      if (!now.includes(address)) left.set(address, listener.name);
    }
  }
  if (left.size === 0) return [];
  return upserts.flatMap((listener) => {
    const address = addressesOf(listener).find((one) => (left.get(one) ?? listener.name) !== listener.name);
    if (address === undefined) return [];
    const from = JSON.stringify(left.get(address));
    return risk(
      listener,
      `gets ${address} from ${from}, which stays: clients reject it as a duplicate address; name listeners by their addresses`,
    );
  });
}

/** Scopes that lead to other routes than before. */
function repointed(changes: PlanChanges): PlanRisk[] {
  return changesOf(changes, typeUrls.scopedRoutes).upserts.flatMap((scope) => {
    const [before] = changes.have.get(scope.type, scope.name)?.references ?? [];
    const [now] = scope.references ?? [];
    if (before === undefined || now === undefined || before.name === now.name) return [];
    const routes = `RouteConfiguration ${JSON.stringify(now.name)}`;
    return risk(
      scope,
      `leads to ${routes} instead of ${JSON.stringify(before.name)}: a client that does not use it yet answers 404 until it comes; change the routes, not the scope`,
    );
  });
}
