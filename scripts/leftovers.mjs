// What tests could leave behind on this machine: eBPF programs, network namespaces, cgroups, mounts, temporary folders, Envoys.
import { closeSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { root, UserError } from "./run.mjs";

/** How long the kernel may take to let go of what nobody holds any more, in milliseconds. */
const PATIENCE_MS = 15_000;
/** Programs of packages/ebpf. */
const PROGRAMS = /^(connect[46]|sendmsg[46]|recvmsg[46]|getpeername[46]|tcp_events|getsockopt|accelerate_msg)$/;
/** What tests of this repository name after themselves. */
const OURS = /rxds-/;

// Kernel, include/uapi/linux/bpf.h: commands, and where things are in their arguments.
const [PROG_GET_NEXT_ID, PROG_GET_FD_BY_ID, OBJ_GET_INFO_BY_FD] = [11, 13, 15];
const BPF = { x64: 321, arm64: 280 }[process.arch];

/** Everything that there is now, one line each. */
function inventory() {
  return new Set([
    ...programs(),
    ...namespaces(),
    ...mounted(),
    ...cgroups(),
    ...folders(),
    ...envoys(),
    ...processes(),
  ]);
}

/** Remembers what is there; the function that it returns throws when there is more afterwards. */
export function watchLeftovers() {
  const before = inventory();
  return async () => {
    const end = Date.now() + PATIENCE_MS;
    let left = [];
    do {
      left = [...inventory()].filter((one) => !before.has(one));
      if (left.length === 0) return;
      await setTimeout(200);
    } while (Date.now() < end);
    throw new UserError(`the tests left something behind:\n  ${left.join("\n  ")}`);
  };
}

function list(path) {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

const namespaces = () =>
  list("/run/netns")
    .filter((name) => OURS.test(name))
    .map((name) => `network namespace ${name}`);
const folders = () =>
  list(tmpdir())
    .filter((name) => OURS.test(name))
    .map((name) => `folder ${join(tmpdir(), name)}`);

function mounts() {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(" - "));
}

/** Programs of this repository that run, but for this one and those that started it. */
function processes() {
  const own = new Set();
  for (let pid = process.pid; pid > 1 && !own.has(pid); ) {
    own.add(pid);
    pid = Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
  }
  return list("/proc")
    .filter((pid) => /^\d+$/.test(pid) && !own.has(Number(pid)))
    .map((pid) => [pid, read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim()])
    .filter(([, command]) => command.includes(`${root}/`))
    .map(([pid, command]) => `process ${pid}: ${command.slice(0, 200)}`);
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

const mounted = () =>
  mounts()
    .map((line) => line.split(" ")[4])
    .filter((path) => OURS.test(path))
    .map((path) => `mount ${path}`);

function cgroups() {
  const roots = mounts()
    .filter((line) => / - cgroup2 /.test(line))
    .map((line) => line.split(" ")[4]);
  return roots.flatMap((path) =>
    list(path)
      .filter((name) => OURS.test(name))
      .map((name) => `cgroup ${join(path, name)}`),
  );
}

function envoys() {
  return list("/proc")
    .filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("envoy");
      } catch {
        return false;
      }
    })
    .map((pid) => `Envoy, process ${pid}`);
}

function programs() {
  const koffi = createRequire(join(root, "packages/ebpf/package.json"))("koffi");
  const syscall = koffi
    .load("libc.so.6")
    .func("long syscall(long number, int command, void *attribute, uint32_t size)");
  const call = (command, attr) => Number(syscall(BPF, command, attr, attr.length));
  const found = [];
  const attr = Buffer.alloc(64);
  for (let id = 0; ; ) {
    attr.fill(0).writeUInt32LE(id, 0);
    if (call(PROG_GET_NEXT_ID, attr) < 0) return found;
    id = attr.readUInt32LE(4);
    attr.fill(0).writeUInt32LE(id, 0);
    const fd = call(PROG_GET_FD_BY_ID, attr);
    if (fd < 0) continue;
    const info = Buffer.alloc(80);
    attr.fill(0).writeUInt32LE(fd, 0);
    attr.writeUInt32LE(info.length, 4);
    attr.writeBigUInt64LE(BigInt(koffi.address(info)), 8);
    const known = call(OBJ_GET_INFO_BY_FD, attr) === 0;
    closeSync(fd);
    const name = info.toString("latin1", 64, 80).replace(/\0.*$/s, "");
    if (known && PROGRAMS.test(name)) found.push(`eBPF program ${name}, id ${id}`);
  }
}
