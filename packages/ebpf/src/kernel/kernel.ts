import type { BpfMaps } from "./bpf-maps.js";
import type { BpfPrograms } from "./bpf-programs.js";

/** A socket that listens. */
export interface Listening {
  /** 16 bytes; all zero: any address. */
  readonly address: Uint8Array;
  /** In the order of the machine. */
  readonly port: number;
  /** The id of the cgroup that it was made in; undefined where the kernel does not tell. */
  readonly cgroup?: bigint;
  /** How many connections wait to be accepted. */
  readonly waiting: number;
  /** How many connections may wait. */
  readonly backlog: number;
}

/** What is where on this machine. */
export interface Places {
  /**
   * The cookie of a network namespace, by its file.
   * @throws RedirectError `no-privilege`, or what the file system says (`ENOENT`).
   */
  networkNamespace(path: string): bigint;
  /** The path below which cgroups of version 2 are. @throws RedirectError `no-cgroup2` */
  cgroupRoot(): string;
  /** A cgroup, by its path below the root or its absolute one: its id, and how many levels below the root. */
  cgroup(path: string): { readonly id: bigint; readonly level: number; readonly path: string };
  /** The ids of a cgroup and of all below it. */
  cgroupsBelow(path: string): ReadonlySet<bigint>;
  /** Whether an address of 16 bytes is one of a network namespace's own. */
  isLocal(networkNamespace: string, address: Uint8Array): boolean;
  /** TCP sockets that listen in a network namespace, by its file. */
  listening(networkNamespace: string): Promise<readonly Listening[]>;
}

/** Where pins are: a folder of a BPF file system. */
export interface Pins {
  /** Makes a folder, and those above it, for pins. @throws RedirectError `no-bpffs` */
  makeFolder(path: string): void;
  /** Names in a folder; none if there is no such folder. */
  list(path: string): readonly string[];
  /** Removes a pin or an empty folder; false if there is none. */
  remove(path: string): boolean;
  /** Gives this process the folder to itself until it is released, or the process ends. @throws RedirectError `busy` */
  lock(path: string): { release(): void };
}

/** A kernel, or what stands in for one. */
export interface Kernel {
  /** Maps. */
  readonly maps: BpfMaps;
  /** Programs and links. */
  readonly programs: BpfPrograms;
  /** The BPF file system. */
  readonly pins: Pins;
  /** Network namespaces, cgroups and sockets. */
  readonly places: Places;
  /**
   * Looks whether there is all that a redirect needs.
   *
   * @throws RedirectError `unsupported`, `missing` or `no-privilege`
   */
  check(): void;
}
