import { block } from "../blocks.js";
import type { Style } from "../style.js";
import type { SampleOutcome } from "./samples.js";
import { LOAD, type SwitchOutcome } from "./switch.js";

/** The memory of Envoys, a line for each and one for all. */
export function memoryLines(memory: ReadonlyMap<string, number>, style: Style): string[] {
  const all = [...memory.values()].reduce((sum, bytes) => sum + bytes, 0);
  const rows = [...memory, [`${memory.size} Envoys`, all] as const];
  const wide = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, bytes]) => `${name.padEnd(wide)}  ${megabytes(bytes)}`);
  const note = style.dim("as proportional set size: what they share is divided among them");
  return block("memory", [...lines.slice(0, -1), style.title(lines.at(-1)!), note], style);
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1).padStart(6)} MB`;

/** Requests: who sent them where, the status, and who answered. */
export function sampleLines(outcomes: readonly SampleOutcome[], style: Style): string[] {
  const rows = outcomes.map(({ sample: { from, to, headers = {} }, ...outcome }) => ({
    ...outcome,
    way: `${from.padEnd(8)} -> ${to.padEnd(8)}`,
    headers: Object.entries(headers)
      .map((header) => header.join(": "))
      .join(", "),
  }));
  const wide = Math.max(...rows.map(({ headers }) => headers.length));
  const lines = rows.map(({ way, headers, status, answeredBy = "the Envoy", isExpected }) => {
    const line = `${way}  ${headers.padEnd(wide)}  ${status}  ${answeredBy}`;
    return isExpected ? line : style.bad(`${line}  not as expected`);
  });
  return block("requests", lines, style);
}

/** What a change of the topology did. */
export function switchLines({ requests, failed, failures, ms }: SwitchOutcome, style: Style): string[] {
  const count = `${requests} requests from ${LOAD.from.join(" and ")} to ${LOAD.to}, ${failed} failed`;
  const kinds = Object.entries(failures).map(([kind, number]) => style.bad(`${number} x ${kind}`));
  const time = style.dim(`everything in place after ${(ms / 1000).toFixed(1)} s`);
  return block("meanwhile", [failed === 0 ? style.good(count) : style.bad(count), ...kinds, time], style);
}
