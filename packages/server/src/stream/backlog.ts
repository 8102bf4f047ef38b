import type { NameSet } from "../fanout/name-set.js";

/** What is left of a response that was too large for one: shared lists, in order. */
export interface Backlog {
  /** The parts of the response. */
  readonly parts: readonly (readonly number[])[];
  /** The next part. */
  readonly next: number;
  /** The cursor before the response. */
  readonly from: number;
  /** The commit that it brings the client to: what changed since is sent later, with what else changed. */
  readonly seq: number;
}

/** By the list itself: streams that are sent the same list share its parts. */
const known = new WeakMap<readonly number[], { readonly most: number; readonly parts: Backlog["parts"] }>();

/**
 * Cuts a list of resources so that each part has at most so many bytes, or is a single resource. A list that fits is its
 * own only part.
 */
export function partsOf(set: NameSet, ids: readonly number[], most: number): Backlog["parts"] {
  const before = known.get(ids);
  if (before?.most === most) return before.parts;
  const parts: number[][] = [];
  let part: number[] = [];
  let bytes = 0;
  for (const id of ids) {
    const resource = set.resource(id);
    // Besides the body: the name, the version, and some bytes of framing.
    const size = resource === undefined ? 0 : resource.body.length + resource.name.length + 64;
    if (part.length > 0 && bytes + size > most) {
      parts.push(part);
      part = [];
      bytes = 0;
    }
    part.push(id);
    bytes += size;
  }
  const all = parts.length === 0 ? [ids] : [...parts, part];
  // Of short lists there are many, and to cut them is cheap.
  if (ids.length > 64) known.set(ids, { most, parts: all });
  return all;
}
