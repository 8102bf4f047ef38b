import { readdirSync, readlinkSync, statSync } from "node:fs";
import { eventually } from "../eventually.js";
import { netnsPath } from "../netns.js";
import { leftoverBpffs, removeBpffs } from "./bpffs.js";
import { leftoverCgroups, removeCgroup } from "./cgroups.js";
import { isLeftover } from "./names.js";
import { shell } from "./shell.js";

/** Removes what labs of processes that have ended left behind. Nothing of a living process is touched. */
export async function sweep(): Promise<void> {
  await removeAll({
    namespaces: namespaces().filter(isLeftover),
    cgroups: leftoverCgroups(),
    bpffs: leftoverBpffs(),
  });
}

/** What labs have made outside of any process. */
export interface Remains {
  /** Names of network namespaces. */
  readonly namespaces: readonly string[];
  /** Paths of control groups. */
  readonly cgroups: readonly string[];
  /** Paths of BPF file systems. */
  readonly bpffs: readonly string[];
}

/**
 * Kills what runs in namespaces and control groups, and removes all. What cannot be removed does not keep the rest.
 *
 * @throws TestkitError `deadline` when a process does not end; `lab-failed`.
 */
export async function removeAll({ namespaces, cgroups, bpffs }: Remains): Promise<void> {
  const work = [removeNamespaces(namespaces), ...cgroups.map(removeCgroup), removeBpffs(bpffs)];
  for (const outcome of await Promise.allSettled(work)) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
}

/**
 * Kills what still runs in network namespaces, and removes them. Those that are gone already are no failure.
 *
 * @throws TestkitError `deadline` when a process does not end; `lab-failed`.
 */
async function removeNamespaces(netns: readonly string[]): Promise<void> {
  if (netns.length === 0) return;
  await eventually(() => killAll(inhabitants(netns)), { describe: `nothing runs in ${netns.join(", ")}` });
  // Two labs may sweep at once: what another one has removed is gone, too.
  const script = netns.map((name) => `ip netns delete ${name} 2>/dev/null || [ ! -e ${netnsPath(name)} ]`);
  await shell("removing network namespaces", script.join("\n"));
}

function namespaces(): string[] {
  try {
    return readdirSync(netnsPath(""));
  } catch {
    // The folder is made with the first namespace.
    return [];
  }
}

/** The processes in network namespaces: one look at all processes, however many namespaces. */
function inhabitants(netns: readonly string[]): number[] {
  const inodes = new Set(netns.flatMap((name) => attempt(() => `net:[${statSync(netnsPath(name)).ino}]`) ?? []));
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => inodes.has(attempt(() => readlinkSync(`/proc/${pid}/ns/net`)) ?? ""))
    .map(Number);
}

/** Whether there was none. */
function killAll(pids: readonly number[]): boolean {
  for (const pid of pids) attempt(() => process.kill(pid, "SIGKILL"));
  return pids.length === 0;
}

/** Processes and namespaces may end between two looks at them. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
