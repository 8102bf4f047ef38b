import { type ResourceKey, resourceType } from "@rxds/core";

/** Which snapshots remove so much that somebody should look at them first. */
export interface MassDeletionGuard {
  /** From 0 to 1: a snapshot that removes more than this part of a type's resources is held. */
  readonly share: number;
  /** A snapshot that removes fewer resources of a type is not. Default: 10. */
  readonly atLeast?: number;
}

/** What a snapshot would remove of one type. */
export interface MassDeletion {
  /** The type URL. */
  readonly type: string;
  /** The type's short name: `"EDS"`. */
  readonly label: string;
  /** Resources that are in force. */
  readonly had: number;
  /** How many of them would be gone. */
  readonly removed: number;
}

const AT_LEAST = 10;

/** The types of which too much would be removed. `countOf`: the resources of a type that are in force. */
export function massDeletions(
  removals: readonly ResourceKey[],
  countOf: (typeUrl: string) => number,
  { share, atLeast = AT_LEAST }: MassDeletionGuard,
): readonly MassDeletion[] {
  if (removals.length < atLeast) return [];
  const counts = new Map<string, number>();
  for (const { type } of removals) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].flatMap(([type, removed]) => {
    const had = countOf(type);
    const held = removed >= atLeast && removed > share * had;
    return held ? [{ type, label: resourceType(type).label, had, removed }] : [];
  });
}
