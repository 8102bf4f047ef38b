import type { BpfMap } from "./bpf-maps.js";

/** Where in the kernel a program is called. */
export interface Hook {
  /** The program's name in the object. */
  readonly program: string;
  /** The kernel's number for it (`enum bpf_attach_type`). */
  readonly attachType: number;
}

/** A program that is loaded. */
export interface BpfProgram {
  /** The kernel's number for it, while it exists. */
  readonly id: number;
  /** At most 15 characters. */
  readonly name: string;
  /** A hash of its instructions, without what differs from load to load. */
  readonly tag: string;
  /** The maps that it uses. */
  readonly maps: readonly number[];
}

/** A program on a hook of a cgroup, which stays when it is pinned. */
export interface BpfLink {
  /** The kernel's number for it, while it exists. */
  readonly id: number;
  /** The number of its program. */
  readonly program: number;
  /** The id of the cgroup. */
  readonly cgroup: bigint;
  /** The hook. */
  readonly attachType: number;
}

/** What an object holds, in the kernel. */
export interface LoadedObject {
  /** By their names. */
  readonly programs: ReadonlyMap<string, BpfProgram>;
  /** The maps that were given, and those that were made because they were not. */
  readonly maps: ReadonlyMap<string, BpfMap>;
}

/** The object to load. */
export interface BpfObject {
  /** Its file. */
  readonly path: string;
  /** SHA-256 of the file. */
  readonly hash: Uint8Array;
}

/** What a sink does with programs. What is not a promise takes microseconds. Errors are `BpfError`s or `RedirectError`s. */
export interface BpfPrograms {
  /**
   * Loads all programs of an object, beside the event loop; maps are used where given by name, and made otherwise.
   *
   * @param sizes how many entries maps that are made have, by name; default: what the object says.
   */
  load(
    object: BpfObject,
    maps: ReadonlyMap<string, BpfMap>,
    sizes: Readonly<Record<string, number>>,
  ): Promise<LoadedObject>;
  /** Lets go of the programs of an object; what is attached stays. */
  unload(programs: ReadonlyMap<string, BpfProgram>): void;
  /** Attaches a program to a cgroup, beside others that are there. */
  attach(program: BpfProgram, cgroup: string, attachType: number): BpfLink;
  /** Replaces the program of a link in one step; connections see the old one or the new one. */
  update(link: BpfLink, program: BpfProgram): BpfLink;
  /** Makes it stay when nobody has it open any more. */
  pinLink(link: BpfLink, path: string): void;
  /** Opens a link that is pinned; undefined if there is none. */
  openLink(path: string): BpfLink | undefined;
  /** Takes its program off the hook at once. Without that it stays until some time after the last pin and descriptor are gone. */
  detach(link: BpfLink): void;
  /** Lets go of it; its program stays where it is if the link is pinned. */
  closeLink(link: BpfLink): void;
  /** What is known of a program by its number; undefined if it is gone. */
  program(id: number): BpfProgram | undefined;
  /** The programs on a hook of a cgroup itself, in the order in which they are called. */
  attached(cgroup: string, attachType: number): readonly BpfProgram[];
  /** Has a program called for what sockets of a map send; replaces the one that was. */
  attachToSockets(program: BpfProgram, sockets: BpfMap): void;
  /** Takes it off again; false if there is none. */
  detachFromSockets(program: BpfProgram, sockets: BpfMap): boolean;
}
