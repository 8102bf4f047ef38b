import type { Subscription } from "./subscription.js";

/** What the cursor passed over, and may be in the next response: the client has it in an older version, or still has it. */
export function heldBack({ gated, late, again, quarantine, trial }: Subscription): readonly number[] {
  return [gated, late, again, quarantine?.keys(), trial?.ids()].flatMap((ids) => [...(ids ?? [])]);
}
