import type { Reference, Resource } from "../resource/resource.js";
import type { ResourceKey } from "../snapshot/snapshot.js";
import { typeUrls } from "../types/type-urls.js";
import { changesOf, type PlanChanges } from "./plan-changes.js";

/** How long clusters outlive what led to them. */
export interface LingerTimes {
  readonly lingerMs: number;
  readonly drainMs: number;
}

/** A cluster that goes. */
export interface Departure {
  readonly name: string;
  /** What led to it. */
  readonly heldBy: readonly ResourceKey[];
  /** How long it stays after the last thing that led to it is gone. */
  readonly ms: number;
  /** Why it stays that long. */
  readonly because: string;
  /** Removed route configurations that draining listeners may go on using. */
  readonly routes: readonly string[];
}

interface Found {
  readonly heldBy: ResourceKey[];
  readonly routes: Set<string>;
  retryMs: number;
  drains: boolean;
}

/**
 * The clusters that go, each with what led to it. Only what is different is looked at: what stays as it is and names a
 * cluster that goes is a dangling reference, which `check` reports.
 */
export function departures(changes: PlanChanges, times: LingerTimes): readonly Departure[] {
  const gone = new Map<string, Found>();
  for (const name of changesOf(changes, typeUrls.cluster).removals) {
    gone.set(name, { heldBy: [], routes: new Set(), retryMs: 0, drains: false });
  }
  if (gone.size === 0) return [];
  for (const [type, { upserts, removals }] of changes.types) {
    for (const { name } of upserts) note(gone, changes.have.get(type, name), false);
    for (const name of removals) note(gone, changes.have.get(type, name), true);
  }
  return [...gone].map(([name, found]) => ({ name, ...conclude(found, times) }));
}

function note(gone: ReadonlyMap<string, Found>, before: Resource | undefined, removed: boolean): void {
  for (const reference of before?.references ?? []) {
    const found = reference.type === typeUrls.cluster ? gone.get(reference.name) : undefined;
    if (before !== undefined && found !== undefined) hold(found, before, reference, removed);
  }
}

function hold(found: Found, { type, name }: Resource, { retryMs = 0 }: Reference, removed: boolean): void {
  // A resource that names a cluster twice does so in one go.
  const last = found.heldBy.at(-1);
  if (last?.type !== type || last.name !== name) found.heldBy.push({ type, name });
  found.retryMs = Math.max(found.retryMs, retryMs);
  if (type === typeUrls.listener) found.drains = true;
  // The removal of a route configuration is never told: connections that drain use it to their end.
  if (type === typeUrls.routes && removed) found.routes.add(name);
}

function conclude({ heldBy, routes, retryMs, drains }: Found, { lingerMs, drainMs }: LingerTimes) {
  const requests = lingerMs + retryMs;
  const ms = drains ? Math.max(drainMs, requests) : requests;
  return { heldBy, routes: [...routes].sort(), ms, because: reason(retryMs > 0, drains && ms > requests) };
}

function reason(retries: boolean, drains: boolean): string {
  if (drains) return "connections of the old listeners use them until these are drained; nothing tells when that is";
  if (retries) return "requests that were routed before may be tried again until their route's timeout";
  return "requests that were routed before may still be in a filter";
}
