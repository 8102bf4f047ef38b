import { closeSync, openSync, statSync } from "node:fs";
import { RedirectError } from "../../errors.js";
import { isMapped } from "../../layout/address.js";
import { errnoName } from "./errno.js";
import { type NativeFunction, native } from "./syscall.js";

const CLONE_NEWNET = 0x40000000;
const AF_INET = 2;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const SOL_SOCKET = 1;
const SO_NETNS_COOKIE = 71;

/** sizeof(struct sockaddr_in) and (struct sockaddr_in6). */
const SOCKADDR_IN = 16;
const SOCKADDR_IN6 = 28;
const AF_INET6 = 10;

interface Calls {
  readonly setns: NativeFunction;
  readonly socket: NativeFunction;
  readonly getsockopt: NativeFunction;
  readonly bind: NativeFunction;
}

let calls: Calls | undefined;

function libc(): Calls {
  const { libc: lib } = native();
  calls ??= {
    setns: lib.func("int setns(int fd, int type)"),
    socket: lib.func("int socket(int family, int type, int protocol)"),
    getsockopt: lib.func("int getsockopt(int fd, int level, int option, void *value, void *length)"),
    bind: lib.func("int bind(int fd, const void *address, uint32_t length)"),
  };
  return calls;
}

/**
 * Makes a socket in another network namespace. Only this thread goes there, and is back before anything else runs.
 *
 * @throws RedirectError `no-privilege`; what the file system says if there is no such file
 */
export function socketIn(networkNamespace: string, family: number, type: number, protocol: number): number {
  const { setns, socket } = libc();
  const { koffi } = native();
  const home = openSync("/proc/thread-self/ns/net", "r");
  try {
    const there = openSync(networkNamespace, "r");
    let fd = -1;
    let errno = 0;
    try {
      if (Number(setns(there, CLONE_NEWNET)) < 0) throw notEntered(networkNamespace, errnoName(koffi.errno()));
      try {
        fd = Number(socket(family, type, protocol));
        errno = koffi.errno();
      } finally {
        // A thread that stays in a pod's namespace would do everything from there.
        if (Number(setns(home, CLONE_NEWNET)) < 0) process.abort();
      }
    } finally {
      closeSync(there);
    }
    if (fd < 0) throw new RedirectError("system", `making a socket in ${networkNamespace}: ${errnoName(errno)}`);
    return fd;
  } finally {
    closeSync(home);
  }
}

function notEntered(path: string, errno: string): RedirectError {
  if (errno === "EPERM") {
    return new RedirectError("no-privilege", `entering ${path}: CAP_SYS_ADMIN is needed`, {
      path,
      errno,
      capabilities: ["CAP_SYS_ADMIN"],
    });
  }
  return new RedirectError("system", `expected a network namespace at ${path}: ${errno}`, { path, errno });
}

/** Cookies that are known, by what tells one namespace's file from another's: to enter a namespace takes ten times as long. */
const cookies = new Map<string, bigint>();
const MOST_COOKIES = 16_384;

/** The cookie of a network namespace: the kernel's number for it, never used again (kernel 5.14: `SO_NETNS_COOKIE`). */
export function netnsCookie(networkNamespace: string): bigint {
  const { dev, ino, ctimeNs } = statSync(networkNamespace, { bigint: true });
  const key = `${dev} ${ino} ${ctimeNs}`;
  let cookie = cookies.get(key);
  if (cookie === undefined) {
    cookie = askForCookie(networkNamespace);
    if (cookies.size >= MOST_COOKIES) cookies.clear();
    cookies.set(key, cookie);
  }
  return cookie;
}

function askForCookie(networkNamespace: string): bigint {
  const fd = socketIn(networkNamespace, AF_INET, SOCK_DGRAM_CLOEXEC, 0);
  try {
    const value = Buffer.alloc(8);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(8);
    if (Number(libc().getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, value, length)) < 0) {
      throw new RedirectError("old-kernel", "expected a kernel with SO_NETNS_COOKIE (Linux 5.14 or newer)", {
        feature: "SO_NETNS_COOKIE",
        since: "5.14",
      });
    }
    return value.readBigUInt64LE();
  } finally {
    closeSync(fd);
  }
}

/** Whether an address of 16 bytes is one of a network namespace's own: whether a socket there can be bound to it. */
export function isLocalAddress(networkNamespace: string, address: Uint8Array): boolean {
  const v4 = isMapped(address);
  const fd = socketIn(networkNamespace, v4 ? AF_INET : AF_INET6, SOCK_DGRAM_CLOEXEC, 0);
  try {
    const name = Buffer.alloc(v4 ? SOCKADDR_IN : SOCKADDR_IN6);
    name.writeUInt16LE(v4 ? AF_INET : AF_INET6, 0);
    name.set(v4 ? address.subarray(12) : address, v4 ? 4 : 8);
    return Number(libc().bind(fd, name, name.length)) === 0;
  } finally {
    closeSync(fd);
  }
}
