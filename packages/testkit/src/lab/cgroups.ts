import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { messageOf, TestkitError } from "../error.js";
import { eventually } from "../eventually.js";
import { mounts } from "./mounts.js";
import { isLeftover } from "./names.js";

// Control groups of a lab, version 2: LAB/NODE, and in it `envoy` and `pods/POD`. No controller is switched on in them,
// so that processes may be in each, not only in those at the ends.

/** The paths of a node's control groups. */
export interface NodeCgroups {
  /** That of the node itself. */
  readonly node: string;
  /** That for an Envoy of the node. */
  readonly envoy: string;
}

/** Where the control groups of version 2 are and can be changed: also beside those of version 1. */
export function cgroupRoot(): string | undefined {
  return mounts().find(({ type, writable }) => type === "cgroup2" && writable)?.path;
}

/** Makes the control groups of a node. Throws TestkitError `lab-failed`. */
export function makeNodeCgroups(lab: string, name: string): NodeCgroups {
  const node = join(lab, name);
  const envoy = join(node, "envoy");
  makeCgroup(envoy);
  return { node, envoy };
}

/** Makes the control group of a pod; returns its path. Throws TestkitError `lab-failed`. */
export function makePodCgroup(node: string, name: string): string {
  return makeCgroup(join(node, "pods", name));
}

/** Makes a control group and those that it is in; returns its path. Throws TestkitError `lab-failed`. */
export function makeCgroup(path: string): string {
  try {
    mkdirSync(path, { recursive: true });
    return path;
  } catch (error) {
    throw new TestkitError(
      "lab-failed",
      `making the control group ${path} failed: ${messageOf(error)}`,
      { path },
      error,
    );
  }
}

/** The control groups of labs whose process has ended. */
export function leftoverCgroups(): string[] {
  const root = cgroupRoot();
  if (root === undefined) return [];
  const found = readdirSync(root)
    .filter(isLeftover)
    .map((name) => join(root, name));
  // A process of another process namespace has the id 0 here: then the lab, too, may be of there, where its process lives.
  return found.filter((path) => !withAllBelow(path).some((cgroup) => processes(cgroup).includes(0)));
}

/**
 * Kills what still runs in a control group and those below it, and removes them. One that is gone already is no failure.
 * This very process is not killed.
 *
 * @throws TestkitError `deadline` when a process does not end.
 */
export async function removeCgroup(path: string): Promise<void> {
  const attempt = (): void => {
    const all = withAllBelow(path);
    for (const pid of all.flatMap(processes)) kill(pid);
    // The deepest first. While a process is still ending, its control group is busy.
    for (const cgroup of all.reverse()) remove(cgroup);
  };
  await eventually(attempt, { describe: () => `${path} is empty and removed; in it are ${pidsText(path)}` });
}

function pidsText(path: string): string {
  const pids = withAllBelow(path).flatMap(processes);
  return pids.length === 0 ? "no processes" : `the processes ${pids.join(", ")} (this one is ${process.pid})`;
}

/** A control group and all below it, each before those that are in it; none when it is gone. */
function withAllBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  const entries = whileThere(() => readdirSync(path, { withFileTypes: true })) ?? [];
  const children = entries.filter((entry) => entry.isDirectory());
  return [path, ...children.flatMap(({ name }) => withAllBelow(join(path, name)))];
}

function processes(cgroup: string): number[] {
  const text = whileThere(() => readFileSync(join(cgroup, "cgroup.procs"), "utf8")) ?? "";
  return text.split("\n").filter(Boolean).map(Number);
}

function kill(pid: number): void {
  // 0 stands for a process of another process namespace; a signal to 0 would be one to this process's group.
  if (pid === process.pid || pid === 0) return;
  whileThere(() => process.kill(pid, "SIGKILL"));
}

function remove(cgroup: string): void {
  whileThere(() => rmdirSync(cgroup));
}

/** Does something with what may be gone since it was seen. */
function whileThere<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (["ENOENT", "ENODEV", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
