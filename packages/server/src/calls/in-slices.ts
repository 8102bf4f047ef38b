import { setImmediate as nextTurn } from "node:timers/promises";

/** How long a slice of work may take, in ms. Twice that is what a turn of the event loop may. */
const SLICE_MS = 5;

/**
 * Runs long work a slice at a time, one slice a turn of the event loop, so that nobody waits for it. Each step of the work
 * must be short. Ends early, and tells so by `false`, once `stopped` says that nobody needs it any more.
 */
export async function inSlices(work: Iterable<unknown>, stopped: () => boolean): Promise<boolean> {
  let start = performance.now();
  for (const _step of work) {
    if (performance.now() - start < SLICE_MS) continue;
    await nextTurn();
    if (stopped()) return false;
    start = performance.now();
  }
  return !stopped();
}
