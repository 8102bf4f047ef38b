import { median } from "../report/median.js";

/**
 * @typedef {import("./lab.js").Figures} Figures
 * @typedef {import("./ways.js").Went} Went
 *
 * @typedef {object} Turn
 * @property {Figures} figures
 * @property {Went} went
 *
 * @typedef {object} Ratios To the way in which the proxy is dialed, of the same round.
 * @property {number} p50
 * @property {number} connectionsPerSecond
 * @property {number} gbitPerSecond
 *
 * @typedef {Figures & { readonly label: string, readonly toExplicit: Ratios, readonly went: Went }} Result Medians over rounds, and the way that all
 *   connections together went.
 */

/** What others are compared with. */
const EXPLICIT = "explicit";

/**
 * Medians over rounds. Ratios are medians of the rounds' ratios, because what disturbs a round disturbs neighbours alike.
 *
 * @param {Readonly<Record<string, readonly Turn[]>>} turns by the name of the way, one for each round
 * @param {readonly { readonly name: string, readonly label: string }[]} ways
 * @returns {Record<string, Result>}
 */
export function resultsOf(turns, ways) {
  const explicit = turns[EXPLICIT] ?? [];
  return Object.fromEntries(
    ways.map(({ name, label }) => {
      const own = turns[name] ?? [];
      /** @param {keyof Figures} figure @param {number} digits */
      const middle = (figure, digits) => rounded(median(own.map(({ figures }) => figures[figure])), digits);
      /** @param {keyof Figures} figure */
      const ratio = (figure) =>
        rounded(median(own.map(({ figures }, i) => figures[figure] / (explicit[i]?.figures[figure] ?? Number.NaN))), 2);
      /** @type {Result} */
      const result = {
        label,
        p50Us: middle("p50Us", 1),
        p99Us: middle("p99Us", 1),
        connectionsPerSecond: middle("connectionsPerSecond", 0),
        gbitPerSecond: middle("gbitPerSecond", 2),
        toExplicit: {
          p50: ratio("p50Us"),
          connectionsPerSecond: ratio("connectionsPerSecond"),
          gbitPerSecond: ratio("gbitPerSecond"),
        },
        went: together(own.map(({ went }) => went)),
      };
      return [name, result];
    }),
  );
}

/** @param {readonly Went[]} all @returns {Went} */
function together(all) {
  /** @param {keyof Went} field */
  const sum = (field) => all.reduce((total, one) => total + one[field], 0);
  return {
    opened: sum("opened"),
    dialed: sum("dialed"),
    redirected: sum("redirected"),
    rules: sum("rules"),
    hook: sum("hook"),
  };
}

/** @param {number} n @param {number} digits */
const rounded = (n, digits) => Number(n.toFixed(digits));
