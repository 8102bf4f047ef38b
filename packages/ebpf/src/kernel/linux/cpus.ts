import { readFileSync } from "node:fs";

let known: number | undefined;

/** How many CPUs the machine could have: a map with values for each CPU has so many. */
export function possibleCpus(): number {
  known ??= countCpus(readFileSync("/sys/devices/system/cpu/possible", "utf8"));
  return known;
}

/** The number of CPUs in a list of the kernel's, such as `0-3,8`. */
export function countCpus(list: string): number {
  let count = 0;
  for (const range of list.trim().split(",")) {
    const [first = 0, last = first] = range.split("-").map(Number);
    count += last - first + 1;
  }
  return count;
}
