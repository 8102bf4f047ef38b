import { broadcast, type Hub } from "./hub.js";
import { postpone, settle } from "./protocol/answers.js";
import type { Change } from "./protocol/receive.js";

/** What happens to an answer that has to wait. */
export interface AnswerHooks {
  /** A subscription did not confirm the response, for this reason. */
  refused(reason: string): void;
  /** The answer can be sent. */
  settled(): void;
}

/**
 * Tells every subscription of a response that was just applied. Its answer, the newest in the queue, waits until all have confirmed
 * it that wanted to.
 */
export function deliver(hub: Hub, change: Change, nonce: string, hooks: AnswerHooks): void {
  const { sub } = hub;
  const newest = sub.stream?.answers.at(-1);
  const answer = newest?.nonce === nonce ? newest : undefined;
  const waiting = broadcast(hub, change, nonce);
  const again = change.repeated ?? [];
  // What came again, and nobody has to confirm any more, is held without reserve.
  if (waiting.length === 0) {
    settle(sub, undefined, again);
    return;
  }
  const resources = [...change.upserts, ...again].filter((resource) => sub.held.get(resource.name) === resource);
  postpone(sub, answer, resources);
  const finish = (error?: string): void => {
    settle(sub, answer, resources, error);
    if (error !== undefined) hooks.refused(error);
    hooks.settled();
  };
  Promise.all(waiting).then(
    () => finish(),
    (error: unknown) => finish(error instanceof Error ? error.message : String(error)),
  );
}
