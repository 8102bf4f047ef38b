import type { Subscription } from "./subscription.js";

/** State of the world: the names that were asked for lately and do not exist, if the client is to be told of them. */
export function unknownNames({ set, cursor, owed, stream }: Subscription): readonly number[] {
  if (!stream.hooks.tellsUnknown) return [];
  const asked = [...(owed ?? [])].filter((id) => set.lists(id) && set.meant(id).length === 0);
  // Whoever has nothing yet asks for all of its names.
  return cursor > 0 ? asked : [...new Set([...asked, ...set.changesSince(0).missing])];
}
