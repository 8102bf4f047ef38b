import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import type { KoffiFunc } from "koffi";
import { RedirectError } from "../../errors.js";
import { BpfError } from "../bpf-maps.js";
import { errnoName } from "./errno.js";

/** Commands of bpf(2), by their number in the kernel (`enum bpf_cmd`). */
export const BPF = {
  mapCreate: 0,
  mapLookup: 1,
  mapUpdate: 2,
  mapDelete: 3,
  objPin: 6,
  objGet: 7,
  progAttach: 8,
  progDetach: 9,
  progFdById: 13,
  mapFdById: 14,
  infoByFd: 15,
  progQuery: 16,
  mapFreeze: 22,
  mapLookupBatch: 24,
  mapUpdateBatch: 26,
  linkCreate: 28,
  linkUpdate: 29,
  linkDetach: 34,
} as const;

/** The number of the system call bpf(2) (kernel: `unistd.h` of each machine). */
const NUMBERS: Readonly<Record<string, number>> = { x64: 321, arm64: 280 };

/** No command that is used here looks at more of its argument; the kernel takes it if the rest is zero. */
const ATTRIBUTE_SIZE = 64;

/** A function of a library. */
export type NativeFunction = KoffiFunc<(...args: unknown[]) => unknown>;

/** Koffi and the C library, loaded when first needed: only the kernel's side of this package needs them. */
export interface Native {
  readonly koffi: typeof import("koffi");
  readonly libc: import("koffi").LibraryHandle;
  readonly syscall: NativeFunction;
  readonly number: number;
}

let loaded: Native | undefined;

/** @throws RedirectError `unsupported` off 64-bit little-endian Linux, `missing` without koffi. */
export function native(): Native {
  if (loaded !== undefined) return loaded;
  const number = platform() === "linux" ? NUMBERS[arch()] : undefined;
  if (number === undefined) {
    throw new RedirectError("unsupported", `expected Linux on x64 or arm64, this is ${platform()} on ${arch()}`);
  }
  let koffi: typeof import("koffi");
  try {
    koffi = createRequire(import.meta.url)("koffi");
  } catch (cause) {
    throw new RedirectError(
      "missing",
      "koffi's binary for this machine was not found: install it with its optional dependencies (npm install koffi)",
      {},
      { cause },
    );
  }
  // The one that this process has already, whichever it is.
  const libc = koffi.load(null);
  const syscall = libc.func("long syscall(long number, int command, void *attribute, uint32_t size)");
  loaded = { koffi, libc, syscall, number };
  return loaded;
}

/** An argument of bpf(2). */
export function attribute(): Buffer {
  return Buffer.alloc(ATTRIBUTE_SIZE);
}

/** Where bytes are, for an argument. The buffer must live until the call is over. */
export function pointer(buffer: Buffer): bigint {
  return BigInt(native().koffi.address(buffer));
}

/**
 * bpf(2).
 *
 * @param what what is tried, for the error
 * @throws BpfError
 */
export function bpf(command: number, attr: Buffer, what: string): number {
  const { syscall, number, koffi } = native();
  const result = Number(syscall(number, command, attr, attr.length));
  if (result < 0) throw new BpfError(what, errnoName(koffi.errno()));
  return result;
}

/** The same without an error: the result, or the name of the error. */
export function tryBpf(command: number, attr: Buffer): number | string {
  const { syscall, number, koffi } = native();
  const result = Number(syscall(number, command, attr, attr.length));
  return result < 0 ? errnoName(koffi.errno()) : result;
}

/**
 * bpf(2) on another thread, for what takes long. False when it failed: `errno` is that thread's own, and not known here.
 *
 * @param used what the argument points to: it must not be collected before the call is over
 */
export async function bpfBeside(command: number, attr: Buffer, ...used: readonly Buffer[]): Promise<boolean> {
  const { syscall, number } = native();
  const result = await callBeside(syscall, number, command, attr, attr.length);
  return result >= 0 && used.every((buffer) => buffer.length >= 0);
}

/** Calls a function that returns a number on another thread. */
export function callBeside(call: NativeFunction, ...args: unknown[]): Promise<number> {
  return new Promise((resolve, reject) => {
    call.async(...args, (error: unknown, result: unknown) => {
      if (error) reject(error);
      else resolve(Number(result));
    });
  });
}
