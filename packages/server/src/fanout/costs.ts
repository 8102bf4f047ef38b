/**
 * What the fan-out does, counted: tests read it to prove that costs follow the change. Counted always, since an increment
 * is far cheaper than a branch on whether anybody looks.
 */
export const costs = {
  /** Names looked at to find what a set of streams is owed. */
  walked: 0,
  /** Sets touched by commits. */
  touched: 0,
  /** Resources looked at for clusters that they have to wait for. */
  gated: 0,
  /** Response bodies built. */
  bodies: 0,
  /** Bytes copied into bodies. */
  bodyBytes: 0,
  /** Responses handed to transports. */
  sent: 0,
  /** References that have ended, and listeners that are gone, looked at to forget them. */
  former: 0,
  /** Names decoded from requests. */
  namesDecoded: 0,
};
