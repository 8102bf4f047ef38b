import { XdsOptionError } from "../limits/option-error.js";

/**
 * How changes are brought to clients that take their configuration from one aggregated stream and see all clusters of their
 * view, as an Envoy does: so that no request is lost that both the old and the new configuration route.
 */
export interface HitlessOptions {
  /**
   * How long a cluster stays after the last that led to it was accepted to lead elsewhere, in ms: requests that were routed before may
   * still wait for an authorisation, a delay or a retry. Default: 5,000.
   */
  readonly lingerMs?: number;
  /**
   * The same where a listener itself named the cluster, by routes of its own or as a TCP proxy: its old connections are drained
   * for so long. Envoy's `--drain-time-s`. Default: 600,000.
   */
  readonly drainMs?: number;
  /**
   * A resource that waits for a cluster for so long, in ms, is told as overdue: in a `held` event. An Envoy gives up waiting for
   * a cluster's endpoints after 15 s. Default: 20,000.
   */
  readonly gateTimeoutMs?: number;
  /**
   * What becomes of it then: it goes on waiting, so that requests go where they went before, or it is sent all the same.
   * Default: `"hold"`.
   */
  readonly onGateTimeout?: "hold" | "proceed";
}

/** Every option, as it is in force. */
export type HitlessRules = Required<HitlessOptions>;

const DEFAULTS: HitlessRules = { lingerMs: 5000, drainMs: 600_000, gateTimeoutMs: 20_000, onGateTimeout: "hold" };

/** The longest time that a timer takes. */
const LONGEST_MS = 2 ** 31 - 1;

/** Fills in the defaults; undefined: changes are pushed in plain order. @throws XdsOptionError for what is no time. */
export function hitlessRules(given: boolean | HitlessOptions = true): HitlessRules | undefined {
  if (given === false) return undefined;
  const rules = given === true ? DEFAULTS : { ...DEFAULTS, ...given };
  for (const name of ["lingerMs", "drainMs", "gateTimeoutMs"] as const) {
    const ms = rules[name];
    if (Number.isInteger(ms) && ms >= 0 && ms <= LONGEST_MS) continue;
    throw new XdsOptionError(`hitless.${name}`, `expected a whole number from 0 to ${LONGEST_MS}, got ${String(ms)}`);
  }
  return rules;
}
