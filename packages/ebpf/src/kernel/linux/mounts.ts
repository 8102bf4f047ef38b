import { readFileSync, statfsSync } from "node:fs";
import { RedirectError } from "../../errors.js";

/** What a BPF file system says it is (kernel: `BPF_FS_MAGIC`). */
const BPF_FS_MAGIC = 0xcafe4a11;

/** A mount, as /proc/self/mountinfo tells it (proc_pid_mountinfo(5)). */
export interface Mount {
  readonly path: string;
  readonly type: string;
  /** The folder of the file system that is mounted; `/` for all of it. */
  readonly root: string;
}

/** Reads a mount table. Paths are unescaped. */
export function parseMounts(table: string): Mount[] {
  return table
    .split("\n")
    .filter((line) => line.includes(" - "))
    .map((line) => {
      const [before = "", after = ""] = line.split(" - ");
      const [, , , root = "", path = ""] = before.split(" ");
      return { path: unescaped(path), root: unescaped(root), type: after.split(" ")[0] ?? "" };
    });
}

const unescaped = (text: string) =>
  text.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));

/**
 * Where cgroups of version 2 are: on a mount of its own beside those of version 1 (hybrid) as well as alone.
 *
 * @throws RedirectError `no-cgroup2`
 */
export function cgroup2Root(table = readFileSync("/proc/self/mountinfo", "utf8")): string {
  const mounts = parseMounts(table).filter(({ type }) => type === "cgroup2");
  const mount = mounts.find(({ root }) => root === "/") ?? mounts[0];
  if (mount !== undefined) return mount.path;
  throw new RedirectError(
    "no-cgroup2",
    "expected a cgroup2 file system in /proc/self/mountinfo: mount one (mount -t cgroup2 none /sys/fs/cgroup/unified); in a container, mount the host's into it",
  );
}

/** @throws RedirectError `no-bpffs` for a folder on any other file system */
export function checkBpfFs(path: string): void {
  let type: number | undefined;
  try {
    type = statfsSync(path).type;
  } catch {
    type = undefined;
  }
  if (type === BPF_FS_MAGIC) return;
  throw new RedirectError(
    "no-bpffs",
    `expected a BPF file system at ${path}: mount one (mount -t bpf bpf /sys/fs/bpf), or name a folder on one`,
    { path },
  );
}
