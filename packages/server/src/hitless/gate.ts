import { type Resource, typeUrls } from "@rxds/core";
import { costs } from "../fanout/costs.js";
import type { XdsStream } from "../stream/stream.js";
import type { Subscription } from "../stream/subscription.js";
import { isSwitching } from "../stream/switching.js";
import { knownGates } from "./known-gates.js";
import { awaitedIn } from "./late-clusters.js";
import { plannerOf } from "./planner.js";

const NONE: readonly string[] = [];

/** Whether anything of a subscription may have to wait for clusters. */
export function hasGate({ stream, type }: Subscription): boolean {
  if (!isSwitching(type.typeUrl)) return false;
  return stream.planner?.awaited !== undefined || (plannerOf(stream)?.fresh.size ?? 0) > 0;
}

/**
 * The clusters that a resource has to wait for: new ones that the client has not accepted, and that it names, or routes do that
 * the client will ask for with it. Routes are not warmed: an Envoy uses them at once, whether it has their clusters or not (rule
 * 48). What may name clusters that nobody can see waits for all of them. Found once for all clients that lack the same clusters.
 */
export function gatesOf(stream: XdsStream, resource: Resource | undefined): readonly string[] {
  if (resource !== undefined && stream.planner?.awaited !== undefined) {
    return awaitedIn(stream, [resource, ...newRoutes(stream, resource)]);
  }
  const fresh = plannerOf(stream)?.fresh;
  const clusters = stream.subscriptions.get(typeUrls.cluster);
  if (resource === undefined || fresh === undefined || fresh.size === 0 || clusters === undefined) return NONE;
  const brought = newRoutes(stream, resource);
  if (brought.length > 0) return findGates(clusters, fresh, [resource, ...brought]);
  return knownGates(clusters.set, fresh.key, resource, () => findGates(clusters, fresh, [resource]));
}

function findGates(
  clusters: Subscription,
  fresh: ReadonlyMap<number, unknown>,
  resources: readonly Resource[],
): readonly string[] {
  costs.gated++;
  // A cluster that is gone again is waited for no more.
  const waits = (id: number | undefined) =>
    id !== undefined && fresh.has(id) && clusters.set.resource(id) !== undefined;
  const { table } = clusters.index;
  if (resources.some(({ traits }) => traits?.opaque))
    return [...fresh.keys()].filter(waits).flatMap((id) => table.nameOf(id) ?? []);
  const named = resources.flatMap(({ references = [] }) => references).filter(({ type }) => type === typeUrls.cluster);
  return [...new Set(named.map(({ name }) => name))].filter((name) => waits(table.idOf(name)));
}

/** A gate may have opened. */
export function openGates(stream: XdsStream): void {
  for (const other of stream.subscriptions.values()) if (other.gated !== undefined) stream.hooks.loop.queue(other);
}

/** The routes that a listener names and the client would ask for when it gets it: without them it does not serve. */
function newRoutes({ subscriptions, view }: XdsStream, { type, references = [] }: Resource): Resource[] {
  if (type !== typeUrls.listener) return [];
  const asked = subscriptions.get(typeUrls.routes)?.set.members;
  const { table } = view!.index.table(typeUrls.routes);
  return references.flatMap(({ type: of, name }) => {
    const id = of === typeUrls.routes ? table.idOf(name) : undefined;
    return id === undefined || asked?.has(id) ? [] : (table.resource(id) ?? []);
  });
}
