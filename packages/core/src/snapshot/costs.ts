/**
 * What snapshot operations cost, in map slots: tests read it to prove that costs follow the change. Counted always, since
 * an increment is far cheaper than a branch on whether anybody looks.
 */
export const costs = {
  /** Slots copied into new nodes by edits. */
  copied: 0,
  /** Slots looked at by diffs. */
  visited: 0,
};
