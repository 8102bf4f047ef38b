import { closeSync } from "node:fs";
import { RedirectError } from "../../errors.js";
import type { Listening } from "../kernel.js";
import { errnoName } from "./errno.js";
import { socketIn } from "./netns.js";
import { callBeside, type NativeFunction, native } from "./syscall.js";

// The request and its answers: kernel, include/uapi/linux/inet_diag.h and sock_diag.h; sock_diag(7).
const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST_DUMP = 0x1 | 0x300;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLMSG_HEADER = 16;
const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_TCP = 6;
const LISTEN = 1 << 10;
const INET_DIAG_MSG = 72;
const INET_DIAG_CGROUP_ID = 21;

/** TCP sockets that listen in a network namespace. */
export async function listeningIn(networkNamespace: string): Promise<Listening[]> {
  const fd = socketIn(networkNamespace, AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG);
  try {
    return [...(await ask(fd, AF_INET)), ...(await ask(fd, AF_INET6))];
  } finally {
    closeSync(fd);
  }
}

async function ask(fd: number, family: number): Promise<Listening[]> {
  const { send, recv, koffi } = calls();
  const request = Buffer.alloc(NLMSG_HEADER + 56);
  request.writeUInt32LE(request.length, 0);
  request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
  request.writeUInt16LE(NLM_F_REQUEST_DUMP, 6);
  request.writeUInt8(family, NLMSG_HEADER);
  request.writeUInt8(IPPROTO_TCP, NLMSG_HEADER + 1);
  request.writeUInt32LE(LISTEN, NLMSG_HEADER + 4);
  if (Number(send(fd, request, request.length, 0)) < 0) throw failed(errnoName(koffi.errno()));
  const found: Listening[] = [];
  for (;;) {
    const answer = Buffer.alloc(32 * 1024);
    // The answer is there already, but a namespace may have thousands of sockets.
    const length = await callBeside(recv, fd, answer, answer.length, 0);
    if (length <= 0) throw failed("EIO");
    if (read(answer.subarray(0, length), found)) return found;
  }
}

/** Reads messages; true at the last. */
function read(answer: Buffer, found: Listening[]): boolean {
  for (let at = 0; at + NLMSG_HEADER <= answer.length; ) {
    const length = answer.readUInt32LE(at);
    const type = answer.readUInt16LE(at + 4);
    if (type === NLMSG_DONE) return true;
    if (type === NLMSG_ERROR) throw failed(errnoName(-answer.readInt32LE(at + NLMSG_HEADER)));
    found.push(socketOf(answer.subarray(at + NLMSG_HEADER, at + length)));
    at += Math.max(NLMSG_HEADER, (length + 3) & ~3);
  }
  return false;
}

/** A struct inet_diag_msg and its attributes. */
function socketOf(message: Buffer): Listening {
  const address = new Uint8Array(16);
  if (message.readUInt8(0) === AF_INET) {
    address[10] = address[11] = 0xff;
    address.set(message.subarray(8, 12), 12);
  } else {
    address.set(message.subarray(8, 24));
  }
  let cgroup: bigint | undefined;
  for (let at = INET_DIAG_MSG; at + 4 <= message.length; ) {
    const length = message.readUInt16LE(at);
    if (message.readUInt16LE(at + 2) === INET_DIAG_CGROUP_ID) cgroup = message.readBigUInt64LE(at + 4);
    at += Math.max(4, (length + 3) & ~3);
  }
  return {
    address,
    port: message.readUInt16BE(4),
    // Of a socket that listens: how long its queue is, and may be.
    waiting: message.readUInt32LE(56),
    backlog: message.readUInt32LE(60),
    ...(cgroup === undefined ? {} : { cgroup }),
  };
}

function failed(errno: string): RedirectError {
  return new RedirectError("system", `asking for the sockets that listen: ${errno}`, { errno });
}

let known: { send: NativeFunction; recv: NativeFunction } | undefined;

function calls() {
  const { libc, koffi } = native();
  known ??= {
    send: libc.func("int64_t send(int fd, const void *message, size_t length, int flags)"),
    recv: libc.func("int64_t recv(int fd, void *message, size_t length, int flags)"),
  };
  return { ...known, koffi };
}
