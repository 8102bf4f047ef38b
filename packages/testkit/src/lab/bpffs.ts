import { readdirSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { mounts } from "./mounts.js";
import { isLeftover } from "./names.js";
import { shell } from "./shell.js";

/** What the name of a lab's folder for pinned BPF objects ends with. */
const SUFFIX = "-bpffs";

/** Makes a folder, for root only, and mounts a new BPF file system there. Throws TestkitError `lab-failed`. */
export async function mountBpffs(path: string): Promise<void> {
  await shell(
    `mounting a BPF file system at ${path}`,
    `mkdir -m 700 ${quoted(path)}\nmount -t bpf bpf ${quoted(path)}\n`,
  );
}

/** Where the BPF file system of a lab is or would be. */
export function bpffsPath(prefix: string): string {
  return join(tempFolder(), `${prefix}${SUFFIX}`);
}

/** The BPF file systems, and their folders, of labs whose process has ended. */
export function leftoverBpffs(): string[] {
  const isOurs = (path: string): boolean => path.endsWith(SUFFIX) && isLeftover(basename(path));
  const mounted = mounts().filter(({ type }) => type === "bpf");
  // A folder in which nothing is mounted yet, or no more, is left, too.
  const folders = readdirSync(tempFolder()).map((name) => join(tempFolder(), name));
  return [...new Set([...mounted.map(({ path }) => path), ...folders])].filter(isOurs);
}

/**
 * Unmounts BPF file systems, which lets go of what is pinned there, and removes their folders. Those that are gone already
 * are no failure.
 *
 * @throws TestkitError `lab-failed`.
 */
export async function removeBpffs(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    // One that somebody still has open is taken out of sight, and ends with its last user. Two labs may sweep at once: what
    // another one has removed is gone, too.
    const unmount = mounts().some((mount) => mount.path === path) ? `umount -l ${quoted(path)} || true\n` : "";
    const script = `${unmount}rm -rf --one-file-system ${quoted(path)}`;
    await shell(`removing the BPF file system at ${path}`, script);
  }
}

/** As the mount table names it. */
function tempFolder(): string {
  return realpathSync(tmpdir());
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
