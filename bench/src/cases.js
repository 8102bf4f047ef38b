/**
 * @typedef {object} Case One thing that is measured.
 * @property {string} suite
 * @property {string} name
 * @property {number | undefined} size Resources of each type that exist; undefined: the size does not matter.
 * @property {() => unknown} run What is timed, until its promise resolves if it returns one.
 * @property {readonly string[]} [counters] Counters to show, per run.
 * @property {{ readonly name: string, readonly samples: number[] }} [also] Another time that each run measures, in ms.
 * @property {() => Promise<void> | void} [close]
 *
 * @typedef {object} Suite
 * @property {string} name
 * @property {(size: number) => Promise<readonly Case[]> | readonly Case[]} cases The cases of one size.
 * @property {boolean} [once] The size does not matter: measured once.
 */

/** A case of a suite. @param {string} suite @param {number | undefined} size */
export function casesOf(suite, size) {
  /**
   * @param {string} name @param {Case["run"]} run @param {Pick<Case, "counters" | "also" | "close">} [options]
   * @returns {Case}
   */
  return (name, run, options) => ({ suite, name, size, run, ...options });
}
