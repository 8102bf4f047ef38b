import { readFile } from "node:fs/promises";

/**
 * @typedef {object} Memory Of a process, in MB of a million bytes.
 * @property {number} pss Its share: pages that several processes have count for each as a part.
 * @property {number} files What of `pss` is pages of files: the program's text. The rest is its own: heap and stacks.
 * @property {number} rss All pages that it has, shared or not.
 */

/**
 * What /proc/PID/smaps_rollup says. Throws when a line is missing.
 * @param {string} text @returns {Memory}
 */
export function parseSmaps(text) {
  /** @param {string} name */
  const read = (name) => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text);
    if (found === null) throw new Error(`expected a line "${name}: … kB" in smaps_rollup`);
    return (Number(found[1]) * 1024) / 1e6;
  };
  return { pss: read("Pss"), files: read("Pss_File"), rss: read("Rss") };
}

/** The memory of a process. @param {number} pid */
export async function memoryOf(pid) {
  return parseSmaps(await readFile(`/proc/${pid}/smaps_rollup`, "utf8"));
}
