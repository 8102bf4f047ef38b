/** A piece of a redirect plan cannot be used. */
export class PlanPieceError extends Error {
  override readonly name = "PlanPieceError";
  constructor(
    /** The name of the piece. */
    readonly piece: string,
    /** What is wrong with it, and what was expected. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`piece ${JSON.stringify(piece)} of the redirect plan: ${reason}`, options);
  }
}
