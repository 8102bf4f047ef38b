import { readdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { RedirectError } from "../../errors.js";
import { cgroup2Root } from "./mounts.js";

/** A cgroup: its id, how many levels below the root it is, and its folder. */
export interface Cgroup {
  readonly id: bigint;
  readonly level: number;
  readonly path: string;
}

/**
 * A cgroup by its path below the root of cgroup2, or by its folder.
 *
 * @throws RedirectError `no-cgroup2` if there is none
 */
export function cgroupAt(path: string, root = cgroup2Root()): Cgroup {
  const folder = resolve(path === root || path.startsWith(`${root}/`) ? path : join(root, path));
  try {
    // The id of a cgroup is the number of its folder's inode (kernel: kernfs).
    const { ino } = statSync(folder, { bigint: true });
    const below = relative(root, folder);
    return { id: ino, level: below === "" ? 0 : below.split("/").length, path: folder };
  } catch (cause) {
    throw new RedirectError("no-cgroup2", `expected a cgroup at ${folder}`, { path: folder }, { cause });
  }
}

/** The ids of a cgroup and of all below it. */
export function cgroupsBelow(path: string): Set<bigint> {
  const { id, path: folder } = cgroupAt(path);
  const ids = new Set([id]);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    try {
      ids.add(statSync(join(entry.parentPath, entry.name), { bigint: true }).ino);
    } catch {
      // Gone meanwhile.
    }
  }
  return ids;
}
