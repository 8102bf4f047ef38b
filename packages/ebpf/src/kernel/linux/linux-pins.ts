import { closeSync, mkdirSync, openSync, readdirSync, rmdirSync, statSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { RedirectError } from "../../errors.js";
import type { Pins } from "../kernel.js";
import { errnoName } from "./errno.js";
import { checkBpfFs } from "./mounts.js";
import { type NativeFunction, native } from "./syscall.js";

const LOCK_EX_NB = 2 | 4;
let flock: NativeFunction | undefined;

/** Pins on a BPF file system. */
export const linuxPins: Pins = {
  makeFolder(path) {
    checkBpfFs(nearest(path));
    mkdirSync(path, { recursive: true, mode: 0o700 });
  },
  list(path) {
    try {
      return readdirSync(path);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return [];
      throw error;
    }
  },
  remove(path) {
    try {
      if (statSync(path).isDirectory()) rmdirSync(path);
      else unlinkSync(path);
      return true;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return false;
      throw error;
    }
  },
  lock(path) {
    const { libc, koffi } = native();
    flock ??= libc.func("int flock(int fd, int operation)");
    const fd = openSync(path, "r");
    if (Number(flock(fd, LOCK_EX_NB)) < 0) {
      const errno = errnoName(koffi.errno());
      closeSync(fd);
      throw new RedirectError("busy", `expected to have ${path} alone: another process redirects with these pins`, {
        path,
        errno,
      });
    }
    return { release: () => closeSync(fd) };
  },
};

/** The nearest folder that exists. */
function nearest(path: string): string {
  try {
    statSync(path);
    return path;
  } catch {
    return dirname(path) === path ? path : nearest(dirname(path));
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
