import type { RedirectEntry } from "./redirect-plan.js";

/** The order of the entries of a group: by address, port and protocol. */
export function byDestination(a: RedirectEntry, b: RedirectEntry): number {
  if (a.address !== b.address) return a.address < b.address ? -1 : 1;
  return a.port - b.port || (a.protocol === b.protocol ? 0 : a.protocol < b.protocol ? -1 : 1);
}
