import { RedirectError } from "../../errors.js";
import { addressText } from "../../layout/address.js";
import type { Kernel, Listening, Pins } from "../kernel.js";
import { MemoryMaps } from "./memory-maps.js";
import { idOf, MemoryPrograms } from "./memory-programs.js";
import { MemoryState } from "./memory-state.js";

/** A machine in memory, with what tests set up. */
export interface Machine {
  /** Network namespaces: their cookies by their files. */
  readonly networkNamespaces: Map<string, bigint>;
  /** Folders of cgroups, below `/sys/fs/cgroup`. */
  readonly cgroups: Set<string>;
  /** Addresses, as text, that are of other machines. */
  readonly elsewhere: Set<string>;
  /** What listens, by the file of the network namespace. */
  readonly listening: Map<string, Listening[]>;
  /** Its kernel as a process sees it. All of them share maps, pins and programs. */
  process(): Kernel;
}

/** A machine whose kernel can be looked into. */
export interface OpenMachine extends Machine {
  /** What its processes share. */
  readonly state: MemoryState;
}

const CGROUPS = "/sys/fs/cgroup";

/** A machine in memory: nothing is redirected on it, but a sink can do all that it does on a real one. */
export function machine(): Machine {
  return openMachine();
}

/** The same, for who wants to see what the sink did. */
export function openMachine(): OpenMachine {
  const state = new MemoryState();
  const networkNamespaces = new Map([["/proc/self/ns/net", 1n]]);
  const cgroups = new Set([CGROUPS]);
  const elsewhere = new Set<string>();
  const listening = new Map<string, Listening[]>();
  return {
    state,
    networkNamespaces,
    cgroups,
    elsewhere,
    listening,
    process() {
      const maps = new MemoryMaps(state);
      return {
        maps,
        programs: new MemoryPrograms(state, maps),
        pins: memoryPins(state),
        places: {
          networkNamespace(path) {
            const cookie = networkNamespaces.get(path);
            if (cookie === undefined) throw missing(path);
            return cookie;
          },
          cgroupRoot: () => CGROUPS,
          cgroup(path) {
            const folder = path.startsWith(CGROUPS) ? path : `${CGROUPS}/${path.replace(/^\//, "")}`;
            if (!cgroups.has(folder))
              throw new RedirectError("no-cgroup2", `expected a cgroup at ${folder}`, { path: folder });
            return { id: idOf(folder), level: folder.split("/").length - CGROUPS.split("/").length, path: folder };
          },
          cgroupsBelow: (path) =>
            new Set([...cgroups].filter((one) => one === path || one.startsWith(`${path}/`)).map(idOf)),
          isLocal: (_path, address) => !elsewhere.has(addressText(address)),
          listening: async (path) => listening.get(path) ?? [],
        },
        check() {},
      };
    },
  };
}

/** As the file system says it. */
function missing(path: string): Error {
  return Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: "ENOENT" });
}

function memoryPins(state: MemoryState): Pins {
  return {
    makeFolder(path) {
      if (!path.startsWith("/sys/fs/bpf/")) {
        throw new RedirectError("no-bpffs", `expected a BPF file system at ${path}`, { path });
      }
      for (let at = path; at !== "/sys/fs/bpf" && at !== ""; at = at.slice(0, at.lastIndexOf("/")))
        state.folders.add(at);
    },
    list(path) {
      const below = [...state.pins.keys(), ...state.folders].filter((other) => other.startsWith(`${path}/`));
      return [...new Set(below.map((other) => other.slice(path.length + 1).split("/")[0] ?? ""))];
    },
    remove(path) {
      if (state.folders.has(path) && this.list(path).length > 0)
        throw Object.assign(new Error(`ENOTEMPTY: ${path}`), { code: "ENOTEMPTY" });
      return state.pins.delete(path) || state.folders.delete(path);
    },
    lock(path) {
      if (state.locks.has(path)) throw new RedirectError("busy", `expected to have ${path} alone`, { path });
      state.locks.add(path);
      return { release: () => void state.locks.delete(path) };
    },
  };
}
