import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Kernel, LoadedObject } from "@rxds/ebpf";

/** The programs of the package, as `npm run build` compiles them. */
export const OBJECT = fileURLToPath(new URL("../../../packages/ebpf/dist/redirect.bpf.o", import.meta.url));

/** A BPF file system of its own for pins. */
export function bpfFileSystem(): { readonly folder: string; close(): void } {
  const folder = mkdtempSync(join(tmpdir(), `rxds-bpffs-${process.pid}-`));
  execFileSync("mount", ["-t", "bpf", "bpf", folder]);
  return {
    folder,
    close() {
      execFileSync("umount", [folder]);
      rmdirSync(folder);
    },
  };
}

/** The package's programs, loaded and on no hook. */
export function loadPrograms(kernel: Kernel): Promise<LoadedObject> {
  return kernel.programs.load({ path: OBJECT, hash: new Uint8Array(32) }, new Map(), {});
}
