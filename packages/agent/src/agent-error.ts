/**
 * Why a plan is not in force:
 * - `sink-failed`: the sink could not put it into force; its error is the `cause`.
 * - `sink-ended`: the sink says nothing any more.
 */
export type AgentErrorCode = "sink-failed" | "sink-ended";

/** A plan is not in force. */
export class AgentError extends Error {
  override readonly name = "AgentError";
  constructor(
    /** What kind of failure this is: the thing to branch on. */
    readonly code: AgentErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
