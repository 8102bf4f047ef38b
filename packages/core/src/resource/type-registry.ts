import { builtinTypes } from "../types/builtin.js";
import { opaqueType, type ResourceType } from "./resource-type.js";

const known = new Map(builtinTypes.map((type) => [type.typeUrl, type]));

/**
 * Makes a type of resource known everywhere in this process: snapshots take its messages, servers serve it. Registering
 * a type URL again replaces what was known of it; resources made before keep what they were given.
 */
export function registerResourceType(type: ResourceType): ResourceType {
  known.set(type.typeUrl, type);
  return type;
}

/**
 * What is known of a type URL. A URL that nobody registered gets the defaults: opaque bytes, partial responses, pushed
 * after all others.
 */
export function resourceType(typeUrl: string): ResourceType {
  return known.get(typeUrl) ?? opaqueType(typeUrl);
}

/** Every registered type, in the order of their ranks. */
export function resourceTypes(): readonly ResourceType[] {
  return [...known.values()].sort((a, b) => a.rank - b.rank);
}

/** Whether a type URL was registered. */
export function isResourceType(typeUrl: string): boolean {
  return known.has(typeUrl);
}
