import type { RedirectGroupPiece, RedirectServicePiece } from "@rxds/envoy-api/rxds/mesh/v1/redirect_plan";
import { byDestination } from "../plan/by-destination.js";
import type { RedirectEntry, RedirectGroup } from "../plan/redirect-plan.js";
import { entriesOf, groupOf } from "./decode-piece.js";
import { pieceCosts } from "./piece-costs.js";

/** What a group is made of. */
export interface GroupParts {
  readonly head: RedirectGroupPiece;
  /** The earlier group that it is like. */
  readonly like: AssembledGroup | undefined;
  /** Its own pieces, by name. */
  readonly services: ReadonlyMap<string, RedirectServicePiece>;
}

/** A group, and what it was made of. */
export interface AssembledGroup {
  readonly parts: GroupParts;
  readonly group: RedirectGroup;
  /** The entries of each service. */
  readonly lists: ReadonlyMap<string, readonly RedirectEntry[]>;
}

/** Puts a group together; what is made of the same as before is not made again. @throws PlanPieceError */
export function assembleGroup(parts: GroupParts, before: AssembledGroup | undefined): AssembledGroup {
  const { head, like, services } = parts;
  const sameLists =
    before !== undefined && before.parts.services === services && before.parts.like?.lists === like?.lists;
  const lists = sameLists ? before.lists : listsOf(parts, before);
  if (sameLists && before.parts.head === head) return before;
  const entries = sameLists ? before.group.entries : like?.lists === lists ? like.group.entries : sorted(lists);
  const { inbound, ...rest } = groupOf(head);
  return { parts, lists, group: { ...rest, entries, ...(inbound === undefined ? {} : { inbound }) } };
}

function listsOf({ like, services }: GroupParts, before: AssembledGroup | undefined) {
  // Groups with the same entries share them.
  if (like !== undefined && services.size === 0) return like.lists;
  pieceCosts.assembled++;
  const lists = new Map(like?.lists);
  for (const [name, piece] of services) {
    const known = before?.parts.services.get(name) === piece ? before.lists.get(piece.service) : undefined;
    lists.set(piece.service, known ?? entriesOf(name, piece));
  }
  return lists;
}

function sorted(lists: ReadonlyMap<string, readonly RedirectEntry[]>): readonly RedirectEntry[] {
  return [...lists.values()].flat().sort(byDestination);
}
