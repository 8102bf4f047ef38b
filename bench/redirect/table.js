import { line, rowsIn } from "../report/page.js";

/**
 * @typedef {import("./figures.js").Result} Result
 *
 * @typedef {object} Report What a run tells.
 * @property {number} rounds
 * @property {{ readonly kernel: string, readonly cpus: number, readonly envoy: string }} machine
 * @property {Readonly<Record<string, Result>>} ways By name, where nothing but what the way needs tracks connections.
 * @property {Readonly<Record<string, Result>>} waysWhereTracked The same, where the node tracks all connections.
 *
 * @typedef {object} Line What a line of the table says, without ratios.
 * @property {boolean} tracked
 * @property {string} way
 * @property {number} p50
 * @property {number} p99
 * @property {number} connections
 * @property {number} gbit
 */

const FIGURES = ["p50, µs", "p99, µs", "connections/s", "Gbit/s"];
const HEAD = ["node tracks", "way", ...FIGURES, "p50, ratio", "connections, ratio", "Gbit/s, ratio"];

/** The figures as a Markdown table, from which the picture is drawn too, and where they are from. @param {Report} report */
export function tableOf({ rounds, machine, ways, waysWhereTracked }) {
  const lines = [ways, waysWhereTracked].flatMap((results, part) =>
    Object.values(results).map(({ label, p50Us, p99Us, connectionsPerSecond, gbitPerSecond, toExplicit }) => [
      part === 0 ? "no" : "yes",
      label,
      p50Us.toFixed(1),
      p99Us.toFixed(1),
      String(connectionsPerSecond),
      gbitPerSecond.toFixed(1),
      toExplicit.p50.toFixed(2),
      toExplicit.connectionsPerSecond.toFixed(2),
      toExplicit.gbitPerSecond.toFixed(2),
    ]),
  );
  const rule = HEAD.map((_, i) => (i < 2 ? "---" : "---:"));
  const { kernel, cpus, envoy } = machine;
  const from = `Medians of ${rounds} rounds. Linux ${kernel.split("-")[0]}, a machine with ${cpus} CPUs, Envoy ${envoy}.`;
  return `${[HEAD, rule, ...lines].map(line).join("\n")}\n\n${from}`;
}

/** What the table in a page says. Throws when there is none, or what is in it is no number. @param {string} page @returns {Line[]} */
export function linesOf(page) {
  return rowsIn(page, HEAD).map((cells) => {
    const [tracked, way = "", ...figures] = cells;
    const [p50, p99, connections, gbit] = figures.map(Number);
    if (
      p50 === undefined ||
      p99 === undefined ||
      connections === undefined ||
      gbit === undefined ||
      !(p50 + p99 + connections + gbit > 0)
    )
      throw new Error(`expected numbers in ${line(cells)}`);
    return { tracked: tracked === "yes", way, p50, p99, connections, gbit };
  });
}
