import { closeSync, constants, openSync } from "node:fs";
import { RedirectError } from "../../errors.js";
import { STRUCTS } from "../../layout/layouts.js";
import { BpfError, type BpfMap } from "../bpf-maps.js";
import type { BpfLink, BpfObject, BpfProgram, BpfPrograms, LoadedObject } from "../bpf-programs.js";
import { checkLayout } from "./btf.js";
import { loadObject } from "./load-object.js";
import { byId, closed, descriptor, handOver, infoOf, opened, pinAt, pinnedAt, textAt } from "./objects.js";
import { attribute, BPF, bpf, pointer, tryBpf } from "./syscall.js";

/** The hook of sockets in a map (kernel: `BPF_SK_MSG_VERDICT`). */
const SK_MSG_VERDICT = 7;
/** As many programs as a hook of a cgroup can have (kernel: `BPF_CGROUP_MAX_PROGS`). */
const MOST_PROGRAMS = 64;

/** Programs of this machine's kernel: loaded by libbpf, attached by bpf(2). */
export class LinuxPrograms implements BpfPrograms {
  load(
    object: BpfObject,
    maps: ReadonlyMap<string, BpfMap>,
    sizes: Readonly<Record<string, number>>,
  ): Promise<LoadedObject> {
    checkLayout(object.path, STRUCTS);
    return loadObject(object.path, maps, sizes);
  }

  unload(programs: ReadonlyMap<string, BpfProgram>): void {
    for (const program of programs.values()) closed(program);
  }

  attach(program: BpfProgram, cgroup: string, attachType: number): BpfLink {
    return inFolder(cgroup, (folder) => {
      const attr = attribute();
      attr.writeUInt32LE(descriptor(program, `attaching ${program.name}`), 0);
      attr.writeUInt32LE(folder, 4);
      attr.writeUInt32LE(attachType, 8);
      return linkOf(bpf(BPF.linkCreate, attr, `attaching ${program.name} to ${cgroup}`));
    });
  }

  update(link: BpfLink, program: BpfProgram): BpfLink {
    const what = `updating the link of ${program.name}`;
    const attr = attribute();
    attr.writeUInt32LE(descriptor(link, what), 0);
    attr.writeUInt32LE(descriptor(program, what), 4);
    bpf(BPF.linkUpdate, attr, what);
    return handOver(link, { ...link, program: program.id });
  }

  pinLink(link: BpfLink, path: string): void {
    pinAt(descriptor(link, `pinning ${path}`), path);
  }

  openLink(path: string): BpfLink | undefined {
    const fd = pinnedAt(path);
    return fd === undefined ? undefined : linkOf(fd);
  }

  detach(link: BpfLink): void {
    const attr = attribute();
    attr.writeUInt32LE(descriptor(link, "detaching a link"), 0);
    const result = tryBpf(BPF.linkDetach, attr);
    // Its cgroup is gone, and the link with it.
    if (typeof result === "string" && result !== "ENOLINK" && result !== "EINVAL") {
      throw new BpfError("detaching a link", result);
    }
  }

  closeLink(link: BpfLink): void {
    closed(link);
  }

  program(id: number): BpfProgram | undefined {
    const fd = byId(BPF.progFdById, id);
    if (fd === undefined) return undefined;
    try {
      return programInfo(fd);
    } finally {
      closeSync(fd);
    }
  }

  attached(cgroup: string, attachType: number): readonly BpfProgram[] {
    return inFolder(cgroup, (folder) => {
      const ids = Buffer.alloc(4 * MOST_PROGRAMS);
      const attr = attribute();
      attr.writeUInt32LE(folder, 0);
      attr.writeUInt32LE(attachType, 4);
      attr.writeBigUInt64LE(pointer(ids), 16);
      attr.writeUInt32LE(MOST_PROGRAMS, 24);
      bpf(BPF.progQuery, attr, `asking for the programs of ${cgroup}`);
      const found = Array.from({ length: attr.readUInt32LE(24) }, (_, i) => this.program(ids.readUInt32LE(4 * i)));
      return found.filter((program) => program !== undefined);
    });
  }

  attachToSockets(program: BpfProgram, sockets: BpfMap): void {
    const what = `attaching ${program.name} to map ${sockets.name}`;
    bpf(BPF.progAttach, onSockets(sockets, program, what), what);
  }

  detachFromSockets(program: BpfProgram, sockets: BpfMap): boolean {
    const what = `taking ${program.name} off map ${sockets.name}`;
    const result = tryBpf(BPF.progDetach, onSockets(sockets, program, what));
    if (result === "ENOENT") return false;
    if (typeof result === "string") throw new BpfError(what, result);
    return true;
  }
}

function onSockets(sockets: BpfMap, program: BpfProgram, what: string): Buffer {
  const attr = attribute();
  attr.writeUInt32LE(descriptor(sockets, what), 0);
  attr.writeUInt32LE(descriptor(program, what), 4);
  attr.writeUInt32LE(SK_MSG_VERDICT, 8);
  return attr;
}

/** Does something with a cgroup's folder open. @throws RedirectError `no-cgroup2` if there is none */
function inFolder<T>(path: string, action: (fd: number) => T): T {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (cause) {
    throw new RedirectError("no-cgroup2", `expected a cgroup at ${path}`, { path }, { cause });
  }
  try {
    return action(fd);
  } finally {
    closeSync(fd);
  }
}

/** What the kernel tells of a program that is open. */
export function programInfo(fd: number): BpfProgram {
  // Twice: first how many maps there are, then which.
  const count = infoOf(fd, Buffer.alloc(80), "asking for a program").readUInt32LE(52);
  const ids = Buffer.alloc(4 * Math.max(count, 1));
  const info = Buffer.alloc(80);
  info.writeUInt32LE(count, 52);
  if (count > 0) info.writeBigUInt64LE(pointer(ids), 56);
  infoOf(fd, info, "asking for a program");
  return {
    id: info.readUInt32LE(4),
    tag: info.toString("hex", 8, 16),
    name: textAt(info, 64, 16),
    maps: Array.from({ length: count }, (_, i) => ids.readUInt32LE(4 * i)),
  };
}

function linkOf(fd: number): BpfLink {
  const info = infoOf(fd, Buffer.alloc(64), "asking for a link");
  return opened(
    {
      id: info.readUInt32LE(4),
      program: info.readUInt32LE(8),
      cgroup: info.readBigUInt64LE(16),
      attachType: info.readUInt32LE(24),
    },
    fd,
  );
}
