/** Work does not hold up the event loop for much longer than this, in milliseconds. */
const TURN_MS = 8;

/**
 * Runs steps to their end, as many in a turn of the event loop as it can bear; the first turn is this one. Returns how to give up.
 *
 * @param done Called with what the last step returned: at once, if one turn was enough.
 * @param failed Called with what a step threw.
 */
export function runInTurns<T>(
  steps: Iterator<unknown, T>,
  done: (value: T) => void,
  failed: (error: unknown) => void,
): () => void {
  let stopped = false;
  const turn = () => {
    if (stopped) return;
    const end = performance.now() + TURN_MS;
    let step: IteratorResult<unknown, T>;
    try {
      do step = steps.next();
      while (!step.done && performance.now() < end);
    } catch (error) {
      failed(error);
      return;
    }
    if (step.done) done(step.value);
    else setImmediate(turn);
  };
  turn();
  return () => {
    stopped = true;
  };
}
