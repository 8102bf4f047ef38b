/** What went wrong with a redirect in the kernel. */
export type RedirectErrorCode =
  /** A capability is missing. */
  | "no-privilege"
  /** No cgroup2 file system, or not that cgroup. */
  | "no-cgroup2"
  /** The folder for pins is on no BPF file system. */
  | "no-bpffs"
  /** The kernel lacks something. */
  | "old-kernel"
  /** A machine, or an operating system, that this cannot run on. */
  | "unsupported"
  /** A library or file that is needed is missing. */
  | "missing"
  /** Another program has the hook to itself. */
  | "hook-taken"
  /** A map has no room for all that should be in it. */
  | "full"
  /** Pins, or an object, of another layout. */
  | "layout"
  /** Another process works with the same pins. */
  | "busy"
  /** The verifier refuses a program. */
  | "load"
  /** An option or a plan that cannot be. */
  | "invalid"
  /** A system call failed otherwise. */
  | "system";

/** What an error is about, as data. */
export interface RedirectErrorDetails {
  /** A file, pin or cgroup. */
  readonly path?: string;
  /** What the kernel said: `"EPERM"`. */
  readonly errno?: string;
  /** Of a map that is full: how many entries it can hold. */
  readonly capacity?: number;
  /** How many should be in it. */
  readonly need?: number;
  /** What the kernel lacks. */
  readonly feature?: string;
  /** Since which version kernels have it. */
  readonly since?: string;
  /** Capabilities that are missing. */
  readonly capabilities?: readonly string[];
  /** The programs that are on the hook. */
  readonly programs?: readonly string[];
  /** What the verifier said, its last lines. */
  readonly log?: string;
}

/** A redirect cannot be put into the kernel; the message says what was expected, where, and what to do. */
export class RedirectError extends Error {
  override readonly name = "RedirectError";

  constructor(
    /** What went wrong: the thing to branch on. */
    readonly code: RedirectErrorCode,
    message: string,
    /** What it is about. */
    readonly details: RedirectErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What to do where the programs are not compiled. */
export const HOW_TO_BUILD =
  "in a clone of the repository, install clang, libbpf-dev and linux-libc-dev (as Debian and Ubuntu call them) and run npm run build";
