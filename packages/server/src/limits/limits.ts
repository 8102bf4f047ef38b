import type { XdsLimits } from "../xds-options.js";
import { XdsOptionError } from "./option-error.js";

/** Every limit, as it is in force. `Infinity`: none. */
export type Limits = Required<XdsLimits>;

const DEFAULTS: Limits = {
  names: 100_000,
  requestBytes: 64 << 20,
  responseBytes: 4_000_000,
  streamsPerConnection: 1000,
  streamsPerPeer: 10_000,
  firstRequestMs: 30_000,
  scopeMs: 10_000,
  initialBytes: 64 << 20,
  stalledMs: 120_000,
  connectionAgeMs: Number.POSITIVE_INFINITY,
};

/** The longest time that a timer takes. */
const LONGEST_MS = 2 ** 31 - 1;

/** Fills in the defaults. @throws XdsOptionError for what is no limit. */
export function limitsOf(given: XdsLimits = {}): Limits {
  const limits = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof Limits)[]) {
    const value = given[name];
    if (value !== undefined) limits[name] = checked(name, value);
  }
  return limits;
}

function checked(name: keyof Limits, value: number): number {
  if (value === Number.POSITIVE_INFINITY) return value;
  const most = name.endsWith("Ms") ? LONGEST_MS : Number.MAX_SAFE_INTEGER;
  if (Number.isInteger(value) && value > 0 && value <= most) return value;
  throw new XdsOptionError(
    `limits.${name}`,
    `expected a whole number from 1 to ${most}, or Infinity for no limit; got ${String(value)}`,
  );
}
