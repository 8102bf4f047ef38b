import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";

/**
 * Takes one CPU of those that this process may use for what is measured, and keeps this process to the others, if there are any.
 *
 * @returns {number}
 */
export function takeCpu() {
  const allowed = cpusIn(/^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "");
  const cpu = allowed.at(-1);
  if (cpu === undefined) throw new Error("expected a list of CPUs in /proc/self/status");
  const others = allowed.slice(0, -1);
  if (others.length > 0) pin(process.pid, others.join());
  return cpu;
}

/** Keeps all threads of a process to some CPUs. @param {number} pid @param {string} cpus */
export function pin(pid, cpus) {
  execFileSync("taskset", ["--all-tasks", "--pid", "--cpu-list", cpus, String(pid)], { stdio: "pipe" });
}

/** The highest priority: what else runs on the machine disturbs less. */
export const PRIORITY = -20;

/** Lets all threads of a process go first, and its session among sessions where the kernel weighs those. @param {number} pid */
export function goesFirst(pid) {
  for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), PRIORITY);
  const session = `/proc/${pid}/autogroup`;
  if (existsSync(session)) writeFileSync(session, String(PRIORITY));
}

/** The CPUs of a list such as `0-2,5`. @param {string} list */
export function cpusIn(list) {
  return list.split(",").flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split("-").map(Number);
    if (!Number.isInteger(first) || !Number.isInteger(last)) throw new Error(`expected a list of CPUs, not "${list}"`);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
