import { typeUrls } from "@rxds/core";

const SWITCHING: ReadonlySet<string> = new Set([
  typeUrls.listener,
  typeUrls.routes,
  typeUrls.scopedRoutes,
  typeUrls.virtualHost,
  typeUrls.extensionConfig,
]);

/** Whether resources of a type send traffic to clusters, or to what does. */
export function isSwitching(typeUrl: string): boolean {
  return SWITCHING.has(typeUrl);
}
