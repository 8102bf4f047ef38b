import type { Resource } from "../resource/resource.js";
import { typeUrls } from "../types/type-urls.js";
import { changesOf, type PlanChanges } from "./plan-changes.js";

/** Which new listeners take the addresses of which removed ones. */
export interface TakeOvers {
  /** New listener -> those that go for it. */
  readonly by: ReadonlyMap<string, readonly string[]>;
  /** The removed listeners that are replaced in this way. */
  readonly replaced: ReadonlySet<string>;
}

/**
 * Finds listeners that are added at the address of one that is removed. Both in one response, the client hands the socket
 * over; one after the other, either the new one is refused as a duplicate or connections are.
 */
export function takeOvers(changes: PlanChanges): TakeOvers {
  const { upserts, removals } = changesOf(changes, typeUrls.listener);
  const owners = new Map<string, string>();
  for (const name of removals) {
    for (const address of addressesBefore(changes, name)) owners.set(address, name);
  }
  const by = new Map<string, readonly string[]>();
  const replaced = new Set<string>();
  if (owners.size === 0) return { by, replaced };
  for (const listener of upserts) {
    if (changes.have.get(typeUrls.listener, listener.name) !== undefined) continue;
    const taken = new Set(addressesOf(listener).flatMap((address) => owners.get(address) ?? []));
    if (taken.size === 0) continue;
    by.set(listener.name, [...taken]);
    for (const name of taken) replaced.add(name);
  }
  return { by, replaced };
}

/** The addresses that a listener occupies. */
export const addressesOf = (listener: Resource | undefined): readonly string[] => listener?.traits?.addresses ?? [];

const addressesBefore = ({ have }: PlanChanges, name: string) => addressesOf(have.get(typeUrls.listener, name));
