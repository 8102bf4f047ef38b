import { type Resource, typeUrls } from "@rxds/core";
import type { Doubts } from "../stream/marks.js";
import type { XdsStream } from "../stream/stream.js";
import { openGates } from "./gate.js";

/** What is known of the clusters of a client that came back and has not asked for clusters yet. */
export interface Awaited {
  /** It may not be able to use these. */
  readonly doubts: Doubts;
  /** It has none that are newer than this commit. */
  readonly seq: number;
}

/**
 * An Envoy that came back says nothing about its clusters while one of them warms, though it asks for all else: until it does, what
 * leads to those is not sent. One that warms left the answers about its clusters open when its stream was lost.
 */
export function awaitClusters(stream: XdsStream, typeUrl: string): void {
  const { planner, subscriptions, hooks } = stream;
  if (planner === undefined) return;
  if (typeUrl === typeUrls.cluster) {
    planner.awaited = undefined;
    openGates(stream);
  } else if (!subscriptions.has(typeUrls.cluster)) planner.awaited ??= hooks.marks.awaited(stream);
}

/** Which clusters those resources name that the client may not have, now that it has not asked for clusters. */
export function awaitedIn(stream: XdsStream, resources: readonly Resource[]): readonly string[] {
  const awaited = stream.planner?.awaited;
  if (awaited === undefined) return [];
  const { doubts, seq } = awaited;
  const { table } = stream.view!.index.table(typeUrls.cluster);
  const mayLack = (name: string) => {
    const id = table.idOf(name);
    if (id === undefined || table.resource(id) === undefined) return false;
    return doubts === "all" || doubts.has(name) || table.createdAt(id) > seq;
  };
  const named = resources.some(({ traits }) => traits?.opaque)
    ? Array.from({ length: table.capacity }, (_, id) => table.nameOf(id) ?? "")
    : resources.flatMap(({ references = [] }) =>
        references.flatMap(({ type, name }) => (type === typeUrls.cluster ? name : [])),
      );
  return [...new Set(named)].filter(mayLack);
}
