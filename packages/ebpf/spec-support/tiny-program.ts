import { closeSync, constants, openSync } from "node:fs";
import { attribute, bpf, pointer, tryBpf } from "../src/kernel/linux/syscall.js";

// Kernel, include/uapi/linux/bpf.h.
const PROG_LOAD = 5;
const PROG_ATTACH = 8;
const PROG_DETACH = 9;
const CGROUP_SOCK_ADDR = 18;
const INET4_CONNECT = 10;

/** `r0 = 1; exit`: allows every connection. */
const ALLOW = Buffer.from("b700000001000000" + "9500000000000000", "hex");

/** What this kernel's verifier says of a program that calls a helper which it does not know. */
export function unknownHelper(helper: number): { readonly errno: string; readonly log: string } {
  const call = Buffer.from("8500000000000000" + "b700000001000000" + "9500000000000000", "hex");
  call.writeUInt32LE(helper, 4);
  const license = Buffer.from("GPL\0");
  const log = Buffer.alloc(64 * 1024);
  const load = Buffer.alloc(120);
  load.writeUInt32LE(CGROUP_SOCK_ADDR, 0);
  load.writeUInt32LE(call.length / 8, 4);
  load.writeBigUInt64LE(pointer(call), 8);
  load.writeBigUInt64LE(pointer(license), 16);
  load.writeUInt32LE(1, 24);
  load.writeUInt32LE(log.length, 28);
  load.writeBigUInt64LE(pointer(log), 32);
  load.writeUInt32LE(INET4_CONNECT, 68);
  const errno = tryBpf(PROG_LOAD, load);
  if (typeof errno === "number") throw new Error(`expected this kernel not to know helper ${helper}`);
  return { errno, log: log.toString("utf8", 0, log.indexOf(0)) };
}

/** A program of somebody else's on the connect4 hook of a cgroup: without `multi` it has the hook to itself. */
export function attachOther(cgroup: string, name: string, { multi = false } = {}): { detach(): void } {
  const license = Buffer.from("GPL\0");
  const load = Buffer.alloc(120);
  load.writeUInt32LE(CGROUP_SOCK_ADDR, 0);
  load.writeUInt32LE(ALLOW.length / 8, 4);
  load.writeBigUInt64LE(pointer(ALLOW), 8);
  load.writeBigUInt64LE(pointer(license), 16);
  load.write(name, 48, 15, "latin1");
  load.writeUInt32LE(INET4_CONNECT, 68);
  const program = bpf(PROG_LOAD, load, "loading a program");
  const folder = openSync(cgroup, constants.O_RDONLY | constants.O_DIRECTORY);
  const attr = attribute();
  attr.writeUInt32LE(folder, 0);
  attr.writeUInt32LE(program, 4);
  attr.writeUInt32LE(INET4_CONNECT, 8);
  attr.writeUInt32LE(multi ? 2 : 0, 12);
  bpf(PROG_ATTACH, attr, "attaching a program");
  return {
    detach() {
      attr.writeUInt32LE(0, 12);
      bpf(PROG_DETACH, attr, "detaching a program");
      closeSync(program);
      closeSync(folder);
    },
  };
}

export { refused } from "../src/kernel/linux/load-object.js";
