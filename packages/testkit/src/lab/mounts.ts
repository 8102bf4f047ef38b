import { readFileSync } from "node:fs";

/** A mounted file system. */
export interface Mount {
  /** Where it is mounted. */
  readonly path: string;
  /** What it is, such as `cgroup2`. */
  readonly type: string;
  /** Whether files can be changed there. */
  readonly writable: boolean;
}

/** What is mounted, as this process sees it; nothing on what is no Linux. */
export function mounts(): Mount[] {
  try {
    return parseMounts(readFileSync("/proc/self/mountinfo", "utf8"));
  } catch {
    return [];
  }
}

/** Reads the table of /proc/self/mountinfo. */
export function parseMounts(mountinfo: string): Mount[] {
  return mountinfo.split("\n").flatMap((line) => {
    // ID PARENT MAJOR:MINOR ROOT PATH OPTIONS [MORE…] - TYPE SOURCE OPTIONS
    const [mount = "", fileSystem = ""] = line.split(" - ");
    const [, , , , path, options = ""] = mount.split(" ");
    const [type, , superOptions = ""] = fileSystem.split(" ");
    if (path === undefined || type === undefined) return [];
    const writable = [options, superOptions].every((list) => list.split(",").includes("rw"));
    return [{ path: unescaped(path), type, writable }];
  });
}

/** Blanks and the like stand there as three octal digits. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
