import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { HOW_TO_BUILD, RedirectError } from "../errors.js";
import type { BpfObject } from "../kernel/bpf-programs.js";

/** The programs of this package: beside what is compiled, whether this is run from there or from the sources. */
const OWN = fileURLToPath(new URL("../../dist/redirect.bpf.o", import.meta.url));

/** The object to load. @throws RedirectError `missing` */
export function bpfObject(path: string = OWN): BpfObject {
  try {
    return { path, hash: createHash("sha256").update(readFileSync(path)).digest() };
  } catch (cause) {
    throw new RedirectError("missing", `expected the eBPF programs at ${path}: ${HOW_TO_BUILD}`, { path }, { cause });
  }
}
