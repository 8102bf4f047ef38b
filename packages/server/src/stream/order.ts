import { typeUrls } from "@rxds/core";
import type { XdsStream } from "./stream.js";
import type { Subscription } from "./subscription.js";

/** Types that send traffic to clusters: they wait until all earlier news of a full-state type before them is sent. */
const SWITCHING: ReadonlySet<string> = new Set([
  typeUrls.listener,
  typeUrls.routes,
  typeUrls.scopedRoutes,
  typeUrls.virtualHost,
  typeUrls.extensionConfig,
]);

/** Types that listeners and routes refer to: what is removed of them goes after the news of those (rules 47, 54). */
const REFERRED: ReadonlySet<string> = new Set([typeUrls.cluster, typeUrls.endpoints, typeUrls.extensionConfig]);

/** Whether another type of the same stream has to go first (rules 47, 48). */
export function isPreceded({ stream, type }: Subscription): boolean {
  if (!SWITCHING.has(type.typeUrl)) return false;
  for (const other of stream.subscriptions.values()) {
    if (other.type.fullState && other.type.rank < type.rank && other.urgent) return true;
  }
  return false;
}

/** Whether removals of a type have to wait: something that may have led to what is removed was not sent yet. */
export function removalsWait({ stream, type }: Subscription): boolean {
  if (!REFERRED.has(type.typeUrl)) return false;
  return hasSwitchingNews(stream, type.rank) || (type.typeUrl === typeUrls.endpoints && clustersWait(stream));
}

/** Whether there are clusters to be removed yet: their endpoints go after them. */
function clustersWait(stream: XdsStream): boolean {
  const clusters = stream.subscriptions.get(typeUrls.cluster);
  return clusters !== undefined && (clusters.late !== undefined || clusters.trim || clusters.urgent);
}

function hasSwitchingNews(stream: XdsStream, rank: number): boolean {
  for (const other of stream.subscriptions.values()) {
    if (other.urgent && other.type.rank > rank && SWITCHING.has(other.type.typeUrl)) return true;
  }
  return false;
}
