import { closeSync, constants, openSync } from "node:fs";
import { attribute, bpf, pointer } from "../src/kernel/linux/syscall.js";

// Kernel, include/uapi/linux/bpf.h.
const PROG_LOAD = 5;
const PROG_ATTACH = 8;
const PROG_DETACH = 9;
const CGROUP_SOCK_ADDR = 18;
const INET4_CONNECT = 10;

/** `r0 = 1; exit`: allows every connection. */
const ALLOW = Buffer.from("b700000001000000" + "9500000000000000", "hex");

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
