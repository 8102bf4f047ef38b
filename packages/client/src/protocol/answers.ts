import type { XdsResource } from "../resource.js";
import type { RequestError } from "./messages.js";
import type { SubStream } from "./sub-stream.js";

/** The answer to a response: an ACK, or with an error a NACK. */
export interface Answer {
  readonly nonce: string;
  error?: RequestError;
  /** It is not known yet which of both it is: it and those after it have to wait. */
  pending?: true;
}

/** The code of a NACK. Envoy uses INTERNAL, and servers are used to Envoy. */
const NACK_CODE = 13;
/** Enough for a person to find the fault, and a bound on what a bad response can make us send back. */
const NACK_MESSAGE_LENGTH = 4096;

/** The error of a NACK for these reasons. */
export function nackError(message: string): RequestError {
  return { code: NACK_CODE, message: message.slice(0, NACK_MESSAGE_LENGTH) };
}

/** The oldest answer, if it can be sent. */
export function takeAnswer(answers: Answer[]): Answer | undefined {
  return answers[0]?.pending ? undefined : answers.shift();
}

/** So many answers may wait for one that is pending. What they answer may be the parts that it needs to be settled. */
const MOST_BEHIND = 1000;

/** How many answers wait for nothing but to be written; all of them, when too many wait. */
export function backlogOf(answers: readonly Answer[]): number {
  if (answers.length > MOST_BEHIND) return answers.length;
  const pending = answers.findIndex((answer) => answer.pending);
  return pending < 0 ? answers.length : pending;
}

/** Answers a response later. Until then the server is not told that its resources are held, on another stream neither. */
export function postpone(sub: SubStream, answer: Answer | undefined, resources: Iterable<XdsResource>): void {
  if (answer !== undefined) answer.pending = true;
  for (const resource of resources) sub.unconfirmed.set(resource.name, resource);
}

/** The answer of a response that was postponed: an ACK, or a NACK that says why. */
export function settle(
  sub: SubStream,
  answer: Answer | undefined,
  resources: Iterable<XdsResource>,
  error?: string,
): void {
  if (error === undefined) {
    for (const resource of resources) {
      if (sub.unconfirmed.get(resource.name) === resource) sub.unconfirmed.delete(resource.name);
    }
  }
  if (answer === undefined) return;
  if (error !== undefined) answer.error = nackError(error);
  delete answer.pending;
}
