import { closeSync } from "node:fs";
import { BpfError } from "../bpf-maps.js";
import { attribute, BPF, bpf, native, pointer, tryBpf } from "./syscall.js";

/** The file descriptors of what is open. */
const descriptors = new WeakMap<object, number>();

/** Remembers the descriptor of something. */
export function opened<T extends object>(object: T, fd: number): T {
  descriptors.set(object, fd);
  return object;
}

/** The descriptor of something that is open. @throws BpfError EBADF */
export function descriptor(object: object, what: string): number {
  const fd = descriptors.get(object);
  if (fd === undefined) throw new BpfError(what, "EBADF");
  return fd;
}

/** Lets go of something; once more does nothing. */
export function closed(object: object): void {
  const fd = descriptors.get(object);
  if (fd === undefined) return;
  descriptors.delete(object);
  closeSync(fd);
}

/** From now on another object stands for what is open. */
export function handOver<T extends object>(from: object, to: T): T {
  const fd = descriptor(from, "handing over");
  descriptors.delete(from);
  return opened(to, fd);
}

/** What the kernel tells of a map, program or link. */
export function infoOf(fd: number, info: Buffer, what: string): Buffer {
  const attr = attribute();
  attr.writeUInt32LE(fd, 0);
  attr.writeUInt32LE(info.length, 4);
  attr.writeBigUInt64LE(pointer(info), 8);
  bpf(BPF.infoByFd, attr, what);
  return info;
}

/** Pins a descriptor. @throws BpfError EEXIST, EPERM off a BPF file system, ENOENT without its folder */
export function pinAt(fd: number, path: string): void {
  const name = Buffer.from(`${path}\0`);
  const attr = attribute();
  attr.writeBigUInt64LE(pointer(name), 0);
  attr.writeUInt32LE(fd, 8);
  bpf(BPF.objPin, attr, `pinning ${path}`);
}

/** The descriptor of what is pinned; undefined if nothing is. */
export function pinnedAt(path: string): number | undefined {
  const name = Buffer.from(`${path}\0`);
  const attr = attribute();
  attr.writeBigUInt64LE(pointer(name), 0);
  const result = tryBpf(BPF.objGet, attr);
  if (typeof result === "number") return result;
  if (result === "ENOENT") return undefined;
  throw new BpfError(`opening ${path}`, result);
}

/** The descriptor of a map or program by its number; undefined if it is gone. */
export function byId(command: number, id: number): number | undefined {
  const attr = attribute();
  attr.writeUInt32LE(id, 0);
  const result = tryBpf(command, attr);
  if (typeof result === "number") return result;
  if (result === "ENOENT") return undefined;
  throw new BpfError(`opening ${id} by its number`, result);
}

/** Text in a fixed number of bytes that may end with zeros. */
export function textAt(buffer: Buffer, from: number, length: number): string {
  const bytes = buffer.subarray(from, from + length);
  const end = bytes.indexOf(0);
  return bytes.toString("latin1", 0, end < 0 ? length : end);
}

/** A second descriptor for the same, which a program that is started does not inherit. */
export function duplicate(fd: number): number {
  const { libc } = native();
  duplicateDescriptor ??= libc.func("int fcntl(int fd, int command, int argument)");
  const copy = Number(duplicateDescriptor(fd, F_DUPFD_CLOEXEC, 3));
  if (copy < 0) throw new BpfError(`duplicating descriptor ${fd}`, "EMFILE");
  return copy;
}

const F_DUPFD_CLOEXEC = 1030;
let duplicateDescriptor: import("koffi").KoffiFunc<(...args: unknown[]) => unknown> | undefined;
