import { fileURLToPath } from "node:url";

/** Files that stand for two objects: on a machine in memory only their contents' hashes count. */
export const OBJECTS = {
  one: fileURLToPath(new URL("../bpf/redirect.bpf.c", import.meta.url)),
  other: fileURLToPath(new URL("../bpf/sockops.c", import.meta.url)),
};
