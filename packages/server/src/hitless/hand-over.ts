import type { Resource } from "@rxds/core";
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

/** Whether a listener would take its address from one that is gone, and stays for now. */
export function takesOver(
  { stream, set, index, late, acked, refused, flights }: Subscription,
  listener: Resource,
): boolean {
  const wanted = new Set(listener.traits?.addresses);
  const takes = (addresses: readonly string[] = []) => addresses.some((address) => wanted.has(address));
  if (stream.protocol === "delta") return [...(late ?? [])].some((id) => takes(index.addressesOf(id)));
  const last = flights.at(-1)?.resources ?? refused ?? acked?.resources ?? [];
  return last.some(({ name, traits }) => {
    const id = name === listener.name ? undefined : index.table.idOf(name);
    return name !== listener.name && (id === undefined || set.resource(id) === undefined) && takes(traits?.addresses);
  });
}
