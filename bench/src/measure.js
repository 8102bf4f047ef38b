import { Bench } from "tinybench";
import { median } from "../report/median.js";
import { counted } from "./internals.js";

/**
 * @typedef {object} Measured
 * @property {string} suite
 * @property {string} name
 * @property {number | undefined} size
 * @property {number} ms The median.
 * @property {Readonly<Record<string, number>>} counts Counters, per run.
 */

/**
 * Warms a case up, then runs it for `ms`, and at least five times.
 * @param {import("./cases.js").Case} what @param {number} ms @returns {Promise<readonly Measured[]>}
 */
export async function measure(what, ms) {
  const { suite, name, size, run, counters = [], also, close } = what;
  let runs = 0;
  /** @type {Readonly<Record<string, number>>} */
  let before = {};
  const bench = new Bench({ time: ms, iterations: 5, warmupTime: ms / 2, warmupIterations: 2, throws: true });
  bench.add(
    name,
    // Not async: a promise costs as much as the smaller cases.
    () => {
      runs++;
      return run();
    },
    {
      // Also called before the warm-up: what that counts does not count.
      beforeAll() {
        runs = 0;
        before = counted();
        if (also !== undefined) also.samples.length = 0;
      },
    },
  );
  await bench.run();
  const after = counted();
  await close?.();
  const result = bench.tasks[0]?.result;
  if (result?.state !== "completed") throw new Error(`${suite}, ${name}: ${result?.state}`);
  const counts = Object.fromEntries(counters.map((key) => [key, ((after[key] ?? 0) - (before[key] ?? 0)) / runs]));
  const measured = [{ suite, name, size, ms: result.latency.p50, counts }];
  if (also !== undefined) measured.push({ suite, name: also.name, size, ms: median(also.samples), counts: {} });
  return measured;
}
