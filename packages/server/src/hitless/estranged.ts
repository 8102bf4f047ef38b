import { typeUrls } from "@rxds/core";
import type { Subscription } from "../stream/subscription.js";
import { isSwitching } from "../stream/switching.js";
import { openGates } from "./gate.js";
import { plannerOf } from "./planner.js";
import { noteUnknown } from "./ready.js";

/**
 * A state-of-the-world client came back with a version of its clusters that nobody remembers, after a restart of the server for
 * instance. To answer would take from it all clusters that are gone, and it may still lead requests there. So it keeps what it has
 * until it was led to where it should go now, and a while longer.
 *
 * Which clusters it has shows only by the endpoints that it asks for: routes to others wait. Where they have to wait for a cluster
 * that it never had, requests may be lost.
 */
export function estrange(clusters: Subscription): void {
  const planner = plannerOf(clusters.stream);
  if (planner === undefined) return;
  planner.estranged = { quietSince: undefined };
  for (const id of clusters.set.current()) noteUnknown(clusters, id);
}

/** The client asks for endpoints: it has the clusters that they belong to. */
export function noteAsked(endpoints: Subscription): void {
  const planner = plannerOf(endpoints.stream);
  const clusters = endpoints.stream.subscriptions.get(typeUrls.cluster);
  if (planner?.estranged === undefined || clusters === undefined) return;
  for (const id of [...planner.fresh.keys()]) {
    const needs = clusters.set.resource(id)?.references ?? [];
    const has = needs.some(({ type, name }) => {
      const target = type === typeUrls.endpoints ? endpoints.index.table.idOf(name) : undefined;
      return target !== undefined && endpoints.set.members.has(target) && endpoints.set.resource(target) !== undefined;
    });
    if (has) planner.fresh.delete(id);
  }
  openGates(endpoints.stream);
}

/** Whether a client may be answered about its clusters. Arranges to be asked again when that may be so. */
export function mayAnswer(clusters: Subscription): boolean {
  const { stream, type } = clusters;
  const estranged = type.typeUrl === typeUrls.cluster ? stream.planner?.estranged : undefined;
  if (estranged === undefined) return true;
  const now = performance.now();
  for (const other of stream.subscriptions.values()) {
    if (!isSwitching(other.type.typeUrl) || (!other.urgent && other.flights.length === 0)) continue;
    estranged.quietSince = undefined;
    return false;
  }
  estranged.quietSince ??= now;
  const due = estranged.quietSince + stream.planner!.rules.lingerMs;
  if (now < due) {
    stream.planner!.wakeAt(due, clusters);
    return false;
  }
  stream.planner!.estranged = undefined;
  return true;
}
