import type { Subscription } from "../stream/subscription.js";
import { gatesOf, hasGate } from "./gate.js";

/**
 * Which listeners that are gone have to stay: those at whose address one waits for clusters. It takes the socket over when it
 * comes, which costs no connection only if it comes together with the removal.
 */
export function handsOver(listeners: Subscription): (name: string) => boolean {
  if (!hasGate(listeners)) return () => false;
  const { set, gated, owed, cursor, stream, index } = listeners;
  const candidates = [...set.changesSince(cursor).upserts, ...(gated ?? []), ...(owed ?? [])];
  const taken = new Set(
    candidates.flatMap((id) => {
      const resource = set.resource(id);
      const addresses = resource?.traits?.addresses ?? [];
      return addresses.length > 0 && gatesOf(stream, resource).length > 0 ? addresses : [];
    }),
  );
  return (name) => {
    const id = index.table.idOf(name);
    return taken.size > 0 && id !== undefined && index.addressesOf(id).some((address) => taken.has(address));
  };
}
