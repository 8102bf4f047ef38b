import { eventually } from "@rxds/testkit";

/** Readings that are at rest differ by less, as a part of the largest. */
const SPREAD = 0.01;
/** Milliseconds between two readings. */
const INTERVAL = 100;

/** Whether readings are the same, but for noise. @param {readonly number[]} readings */
export function same(readings) {
  return Math.max(...readings) - Math.min(...readings) <= SPREAD * Math.max(...readings);
}

/**
 * Reads again and again until a figure has stayed the same for `forMs`, and resolves with the last reading.
 * @template T
 * @param {() => Promise<T>} read
 * @param {(reading: T) => number} figure
 * @param {{ readonly forMs: number, readonly deadlineMs: number }} options
 * @returns {Promise<T>}
 */
export async function atRest(read, figure, { forMs, deadlineMs }) {
  /** @type {{ at: number, figure: number }[]} */
  let readings = [];
  const { reading } = await eventually(
    async () => {
      const reading = await read();
      const now = { at: performance.now(), figure: figure(reading) };
      readings.push(now);
      if (!same(readings.map((one) => one.figure))) readings = [now];
      const ms = now.at - (readings[0]?.at ?? now.at);
      if (ms < forMs) throw new Error(`at ${now.figure.toFixed(1)} for ${ms.toFixed(0)} of ${forMs} ms`);
      return { reading };
    },
    { deadlineMs, intervalMs: INTERVAL, describe: "the memory is at rest" },
  );
  return reading;
}
