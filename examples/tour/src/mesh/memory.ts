import { readFile } from "node:fs/promises";

/**
 * The memory of a process in bytes, as its proportional set size: what it shares with others, such as the program itself, counts
 * in proportion.
 */
export async function memoryOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(text)?.[1];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/smaps_rollup tells no Pss`);
  return Number(kilobytes) * 1024;
}
