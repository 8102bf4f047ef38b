/** An option has a value that can't be meant. Thrown before anything starts. */
export class XdsOptionError extends RangeError {
  override readonly name = "XdsOptionError";
  constructor(
    /** The path of the option: `"limits.stalledMs"`. */
    readonly option: string,
    /** What was expected, and what was there instead. */
    readonly problem: string,
  ) {
    super(`option ${option}: ${problem}`);
  }
}
