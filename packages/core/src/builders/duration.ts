import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema } from "@bufbuild/protobuf/wkt";
import { BuilderError } from "./builder-error.js";

/** Protobuf's longest duration, about 10,000 years. */
const MAX_SECONDS = 315_576_000_000;

/**
 * Milliseconds, also fractions of one, as a protobuf duration; undefined stays undefined.
 *
 * @throws BuilderError when it is negative, not finite or beyond protobuf's range.
 */
export function duration(milliseconds: number, path: string): Duration;
export function duration(milliseconds: number | undefined, path: string): Duration | undefined;
export function duration(milliseconds: number | undefined, path: string): Duration | undefined {
  if (milliseconds === undefined) return undefined;
  if (!(milliseconds >= 0 && milliseconds <= MAX_SECONDS * 1000)) {
    throw new BuilderError("invalid-duration", path, "a number of milliseconds, 0 or more", milliseconds);
  }
  const whole = Math.floor(milliseconds / 1000);
  const nanos = Math.round((milliseconds - whole * 1000) * 1e6);
  return nanos < 1e9
    ? create(DurationSchema, { seconds: BigInt(whole), nanos })
    : create(DurationSchema, { seconds: BigInt(whole + 1) });
}
