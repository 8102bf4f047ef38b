import { RedirectError } from "../../errors.js";
import { MAP_NAMES } from "../../layout/pins.js";
import type { BpfMap } from "../bpf-maps.js";
import type { BpfProgram, LoadedObject } from "../bpf-programs.js";
import { errnoName } from "./errno.js";
import { type Libbpf, libbpf } from "./libbpf.js";
import { mapOf } from "./linux-maps.js";
import { programInfo } from "./linux-programs.js";
import { descriptor, duplicate, opened } from "./objects.js";
import { callBeside, type NativeFunction } from "./syscall.js";

/** Enough for the last lines of what the verifier says, for each program. */
const LOG_BYTES = 64 * 1024;

/** Loads an object with libbpf, on another thread. */
export async function loadObject(
  path: string,
  maps: ReadonlyMap<string, BpfMap>,
  sizes: Readonly<Record<string, number>>,
): Promise<LoadedObject> {
  const lib = libbpf();
  const object = lib.openFile(path, null);
  if (!object) throw new RedirectError("missing", `expected an eBPF object at ${path}`, { path });
  try {
    for (const [name, entries] of Object.entries(sizes))
      lib.setMaxEntries(find(lib.findMap, object, name, path), entries);
    for (const [name, map] of maps) {
      const result = Number(lib.reuseFd(find(lib.findMap, object, name, path), descriptor(map, `using map ${name}`)));
      if (result < 0)
        throw new RedirectError("layout", `expected map ${name} to fit into ${path}: ${errnoName(-result)}`);
    }
    const programs = programsOf(lib, object);
    const logs = programs.map((program) => {
      const log = Buffer.alloc(LOG_BYTES);
      lib.setLogBuffer(program, log, log.length);
      return log;
    });
    const result = await callBeside(lib.load, object);
    if (result < 0) throw refused(path, errnoName(-result), logs.map(textOf));
    return {
      programs: new Map(programs.map((program) => loadedProgram(Number(lib.programFd(program))))),
      maps: new Map(
        MAP_NAMES.map((name) => [
          name,
          maps.get(name) ?? mapOf(duplicate(Number(lib.mapFd(find(lib.findMap, object, name, path))))),
        ]),
      ),
    };
  } finally {
    lib.close(object);
  }
}

function loadedProgram(fd: number): [string, BpfProgram] {
  const program = programInfo(fd);
  return [program.name, opened(program, duplicate(fd))];
}

function find(lookup: NativeFunction, object: unknown, name: string, path: string): unknown {
  const found = lookup(object, name);
  if (!found) throw new RedirectError("layout", `expected ${path} to have ${name}`, { path });
  return found;
}

function programsOf(lib: Libbpf, object: unknown): unknown[] {
  const found: unknown[] = [];
  for (let p = lib.nextProgram(object, null); p; p = lib.nextProgram(object, p)) found.push(p);
  return found;
}

function textOf(log: Buffer): string {
  const end = log.indexOf(0);
  return log.toString("utf8", 0, end < 0 ? log.length : end).trim();
}

/** Helpers that are newer than what a kernel must have, and since when kernels have them. */
const NEWEST: readonly (readonly [pattern: RegExp, feature: string, since: string])[] = [
  [/set_retval|#187\b/, "bpf_set_retval", "5.18"],
  [/get_netns_cookie|#122\b/, "bpf_get_netns_cookie", "5.15"],
  [/ancestor_cgroup_id|#123\b/, "bpf_get_current_ancestor_cgroup_id", "5.7"],
  [/sk_storage_(get|delete)|#10[78]\b/, "bpf_sk_storage_get in cgroup programs", "5.8"],
];

/** What an object's loading failed of. */
export function refused(path: string, errno: string, logs: readonly string[]): RedirectError {
  const log =
    logs
      .filter((text) => /error|invalid|unknown|not allowed|R\d /i.test(text))
      .at(-1)
      ?.slice(-2000) ?? "";
  const lines = log.split("\n").slice(-4).join("\n");
  const lacking = /unknown func|invalid func|cannot use helper/i.test(log)
    ? NEWEST.find(([pattern]) => pattern.test(lines))
    : undefined;
  if (lacking !== undefined) {
    const [, feature, since] = lacking;
    return new RedirectError("old-kernel", `expected a kernel with ${feature} (Linux ${since} or newer)`, {
      feature,
      since,
      log: lines,
    });
  }
  if (errno === "EPERM" || errno === "EACCES") {
    const message = `expected to be allowed to load eBPF programs: CAP_BPF and CAP_NET_ADMIN are needed (${errno})`;
    if (log === "")
      return new RedirectError("no-privilege", message, { errno, capabilities: ["CAP_BPF", "CAP_NET_ADMIN"] });
  }
  return new RedirectError(
    "load",
    `expected the kernel to take the programs of ${path}: ${errno}${log === "" ? "" : `: ${lines}`}`,
    {
      path,
      errno,
      log,
    },
  );
}
