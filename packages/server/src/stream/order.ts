import { typeUrls } from "@rxds/core";
import { mayDrop } from "../hitless/drop.js";
import { handsOver } from "../hitless/hand-over.js";
import type { XdsStream } from "./stream.js";
import type { Subscription } from "./subscription.js";
import { isSwitching } from "./switching.js";

/** Types that listeners and routes refer to: what is removed of them goes after the news of those (rules 47, 54). */
const REFERRED: ReadonlySet<string> = new Set([typeUrls.cluster, typeUrls.endpoints, typeUrls.extensionConfig]);

/** Whether another type of the same stream has to go first (rules 47, 48). */
export function isPreceded({ stream, type }: Subscription): boolean {
  // It is the other way round for a client of which nobody knows what it has.
  const reversed = stream.planner?.estranged !== undefined;
  // These wait until all earlier news of a full-state type before them is sent.
  if (!isSwitching(type.typeUrl)) return false;
  for (const other of stream.subscriptions.values()) {
    if (reversed && other.type.typeUrl === typeUrls.cluster) continue;
    if (other.type.fullState && other.type.rank < type.rank && other.urgent) return true;
  }
  return false;
}

/**
 * Whether a name that is gone may be taken from the client: what may have led to it was sent before, of a cluster the client
 * holds nothing more that leads to it, and at the address of a listener none waits for clusters.
 */
export function removal(subscription: Subscription): (name: string) => boolean {
  const { stream, type } = subscription;
  if (type.typeUrl === typeUrls.listener) {
    const stays = handsOver(subscription);
    return (name) => !stays(name);
  }
  if (!REFERRED.has(type.typeUrl)) return () => true;
  const waits = hasSwitchingNews(stream, type.rank) || (type.typeUrl === typeUrls.endpoints && clustersWait(stream));
  if (waits) return () => false;
  if (type.typeUrl !== typeUrls.cluster) return () => true;
  // One time for all: what goes together in the configuration goes in one response.
  const now = performance.now();
  return (name) => mayDrop(subscription, name, now);
}

/** Whether there are clusters to be removed yet: their endpoints go after them. */
function clustersWait(stream: XdsStream): boolean {
  const clusters = stream.subscriptions.get(typeUrls.cluster);
  if (clusters === undefined) return stream.planner?.awaited !== undefined;
  return clusters.late !== undefined || clusters.trim || clusters.urgent;
}

function hasSwitchingNews(stream: XdsStream, rank: number): boolean {
  for (const other of stream.subscriptions.values()) {
    if (other.urgent && other.type.rank > rank && isSwitching(other.type.typeUrl)) return true;
  }
  return false;
}
