import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { TestkitError } from "../error.js";
import { type Mount, mounts } from "./mounts.js";

/** What a lab runs, and the Debian package that has it. */
const TOOLS: Readonly<Record<string, string>> = {
  ip: "iproute2",
  "iptables-restore": "iptables",
  "ip6tables-restore": "iptables",
  nsenter: "util-linux",
};

/** What it runs beside those for a BPF file system. */
const MOUNT_TOOLS: Readonly<Record<string, string>> = { mount: "mount", umount: "mount" };

/** What of a lab needs more than namespaces do. */
export interface LabParts {
  /** Control groups. */
  readonly cgroups: boolean;
  /** A BPF file system. */
  readonly bpffs: boolean;
}

/** The capabilities that a lab needs, by their bit. */
const CAPABILITIES: Readonly<Record<string, bigint>> = { CAP_NET_ADMIN: 12n, CAP_SYS_ADMIN: 21n };

/** The environment for what a lab runs: system administration programs are not on everybody's `PATH`. */
export function toolEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...env, PATH: [env.PATH, "/usr/sbin", "/sbin"].filter(Boolean).join(delimiter) };
}

/**
 * Checks that this process may make network namespaces and the like, and has what that needs.
 *
 * @throws TestkitError `not-permitted`, `tool-missing`, `cgroup-missing` or `bpffs-missing`.
 */
export function checkRequirements({ cgroups, bpffs }: LabParts): void {
  checkCapabilities(textOf("/proc/self/status"));
  checkTools(toolEnvironment().PATH ?? "", bpffs ? { ...TOOLS, ...MOUNT_TOOLS } : TOOLS);
  if (cgroups) checkCgroups(mounts());
  if (bpffs) checkBpffs(textOf("/proc/filesystems"));
}

/** Throws `not-permitted` unless a text like `/proc/self/status` tells the capabilities. */
export function checkCapabilities(status: string): void {
  const effective = BigInt(`0x${/^CapEff:\s*([\da-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  const missing = Object.keys(CAPABILITIES).filter((name) => ((effective >> CAPABILITIES[name]!) & 1n) === 0n);
  if (missing.length === 0) return;
  const message = `a lab makes network namespaces, which needs ${missing.join(" and ")}: run this as root on Linux`;
  throw new TestkitError("not-permitted", message, { missing });
}

/** Throws `tool-missing` unless all programs, here with their packages, are in the folders of `path`. */
export function checkTools(path: string, tools: Readonly<Record<string, string>> = TOOLS): void {
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  const missing = Object.keys(tools).filter(
    (tool) => !folders.some((folder) => isAllowed(join(folder, tool), constants.X_OK)),
  );
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((tool) => tools[tool]!))];
  const message = `a lab needs ${missing.join(", ")}, not found in ${path}: apt-get install ${packages.join(" ")}`;
  throw new TestkitError("tool-missing", message, { missing, packages });
}

/** Throws `cgroup-missing` unless control groups of version 2 can be made, `not-permitted` when only not by this user. */
export function checkCgroups(mounted: readonly Mount[]): void {
  const found = mounted.filter(({ type }) => type === "cgroup2");
  const [usable] = found.filter(({ writable }) => writable);
  if (usable === undefined) {
    const [path] = found.map((mount) => mount.path);
    const what = path === undefined ? "mounted nowhere" : `mounted at ${path} for reading only`;
    const how =
      path === undefined
        ? "mkdir -p /mnt/cgroup2 && mount -t cgroup2 none /mnt/cgroup2"
        : `mount -o remount,rw ${path}, or run a container as privileged`;
    const message = `a lab with cgroups needs control groups of version 2, which are ${what}: ${how}`;
    throw new TestkitError("cgroup-missing", message, { path });
  }
  if (isAllowed(usable.path, constants.W_OK)) return;
  const message = `a lab with cgroups makes them in ${usable.path}, where this process may not write: run this as root`;
  throw new TestkitError("not-permitted", message, { path: usable.path });
}

/** Throws `bpffs-missing` unless a text like `/proc/filesystems` has it. */
export function checkBpffs(filesystems: string): void {
  if (/^nodev\s+bpf$/m.test(filesystems)) return;
  const message = "a lab with bpffs mounts a BPF file system, which this kernel lacks: it needs CONFIG_BPF_SYSCALL";
  throw new TestkitError("bpffs-missing", message);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // No Linux.
    return "";
  }
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
