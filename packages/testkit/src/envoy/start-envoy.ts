import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { toJsonString } from "@bufbuild/protobuf";
import { BootstrapSchema } from "@rxds/envoy-api/envoy/config/bootstrap/v3/bootstrap";
import { envoyRegistry } from "@rxds/envoy-api/registry";
import { type EnvoyBinaryOptions, envoyBinary } from "../binary/envoy-binary.js";
import { entering } from "../entering.js";
import { TestkitError } from "../error.js";
import { adminGet, type EnvoyAdmin, envoyAdmin } from "./admin.js";
import { type BootstrapOptions, envoyBootstrap } from "./bootstrap.js";
import { type Exit, type Kept, keep } from "./keeper.js";
import { createLog, type Log } from "./log.js";

/** Which Envoy to start, and how. */
export interface StartEnvoyOptions extends BootstrapOptions, EnvoyBinaryOptions {
  /** Worker threads. Default 1. */
  readonly concurrency?: number;
  /** Default `warning`. */
  readonly logLevel?: "trace" | "debug" | "info" | "warning" | "error" | "critical" | "off";
  /** Seconds that a removed listener drains its connections. Default: Envoy's own, 600. */
  readonly drainTimeSeconds?: number;
  /** More command-line arguments for Envoy. */
  readonly args?: readonly string[];
  /** Environment variables for Envoy beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Name of the network namespace, as in `ip netns`, to run in. Default: that of this process. Its admin interface is
   * then a unix socket, and `ads` should be one too: the namespace has a loopback interface of its own.
   */
  readonly netns?: string;
  /**
   * Path of the control group (version 2) to run in, such as `envoyCgroup` of a lab's node. Envoy is in it before it makes
   * its first socket. Default: that of this process.
   */
  readonly cgroup?: string;
  /** Milliseconds until the admin interface must answer. Default 15000. */
  readonly startTimeoutMs?: number;
}

/** How to stop an Envoy. */
export interface StopOptions {
  /** Milliseconds between asking (SIGTERM) and forcing (SIGKILL). Default 5000. */
  readonly deadlineMs?: number;
}

/** A running Envoy. */
export interface Envoy extends EnvoyAdmin, AsyncDisposable {
  /** Process id of Envoy itself. */
  readonly pid: number;
  /** Of the admin interface: `"127.0.0.1:PORT"`; `"unix:/path"` of an Envoy in a network namespace. */
  readonly adminAddress: string;
  /** What Envoy wrote so far (the last four million characters at least). */
  log(): string;
  /** Resolves when Envoy has ended and its temporary folder is gone. Never rejects. */
  readonly exited: Promise<Exit>;
  /** Ends Envoy and removes its temporary folder. Resolves with how it ended; can be called again. */
  stop(options?: StopOptions): Promise<Exit>;
}

/**
 * Starts a real Envoy and resolves as soon as its admin interface answers. With `ads` Envoy then still waits for its
 * first clusters and listeners: await `ready()` where that matters.
 *
 * Neither the process nor its temporary folder outlives this process, even if that is killed by SIGKILL.
 *
 * @throws TestkitError `invalid-argument` when `cgroup` is none; `envoy-exited` when Envoy refuses to start, `deadline` when its admin interface does not answer
 *   in time; both with the end of Envoy's log. Also what `envoyBinary` throws.
 */
export async function startEnvoy(options: StartEnvoyOptions = {}): Promise<Envoy> {
  if (options.cgroup !== undefined) checkCgroup(options.cgroup);
  const binary = await envoyBinary(options);
  const folder = join(tmpdir(), `rxds-envoy-${randomUUID()}`);
  // A port of another namespace cannot be reached from here, a socket in the file system can.
  const admin = options.netns === undefined ? "127.0.0.1:0" : `unix:${join(folder, "admin")}`;
  const bootstrap = toJsonString(BootstrapSchema, envoyBootstrap(options, admin), { registry: envoyRegistry() });
  const log = createLog();
  const addressFile = join(folder, "admin-address");
  const kept = keep({
    folder,
    file: ["bootstrap.json", bootstrap],
    command: [
      ...entering(options),
      binary,
      "-c",
      join(folder, "bootstrap.json"),
      "--admin-address-path",
      addressFile,
      ...flags(options),
    ],
    env: { ...process.env, ...options.env },
    onOutput: log.append,
  });
  const stop = stopper(kept);
  try {
    const adminAddress = await reachable(
      kept,
      addressOfAdmin(admin, addressFile),
      log,
      options.startTimeoutMs ?? 15_000,
    );
    const pid = await kept.pid;
    return {
      ...envoyAdmin(adminAddress),
      pid,
      adminAddress,
      log: log.text,
      exited: kept.exited,
      stop,
      async [Symbol.asyncDispose]() {
        await stop();
      },
    };
  } catch (error) {
    await stop({ deadlineMs: 0 });
    throw error;
  }
}

function checkCgroup(path: string): void {
  if (existsSync(join(path, "cgroup.procs"))) return;
  const message = `${JSON.stringify(path)} is no control group: the path of one that exists is expected`;
  throw new TestkitError("invalid-argument", message, { cgroup: path });
}

function flags({ concurrency = 1, logLevel = "warning", drainTimeSeconds, args = [] }: StartEnvoyOptions): string[] {
  const drain = drainTimeSeconds === undefined ? [] : ["--drain-time-s", String(drainTimeSeconds)];
  return ["--disable-hot-restart", "--concurrency", String(concurrency), "-l", logLevel, ...drain, ...args];
}

/** Where the admin interface is: undefined while Envoy has not yet told its port. */
function addressOfAdmin(address: string, file: string): () => Promise<string | undefined> {
  if (address.startsWith("unix:")) return async () => address;
  return async () => /^[\d.]+:\d+$/.exec((await readFile(file, "utf8").catch(() => "")).trim())?.[0];
}

/** Waits until the admin interface answers, whatever it says. */
async function reachable(
  kept: Kept,
  addressNow: () => Promise<string | undefined>,
  log: Log,
  timeoutMs: number,
): Promise<string> {
  let exit: Exit | undefined;
  const ended = kept.exited.then((value) => {
    exit = value;
  });
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const address = await addressNow();
    if (address !== undefined) {
      const left = Math.max(deadline - performance.now(), 1);
      const answered = adminGet(address, "/ready", { timeoutMs: left }).then(
        () => true,
        () => false,
      );
      if (await answered) return address;
    }
    await Promise.race([ended, delay(5)]);
    if (exit !== undefined) throw exitedEarly(exit, log);
  }
  const message = `Envoy's admin interface did not answer within ${timeoutMs} ms. Its log:\n${log.tail(30)}`;
  throw new TestkitError("deadline", message, { timeoutMs });
}

function exitedEarly(exit: Exit, log: Log): TestkitError {
  const message = `Envoy ended while starting (${exitText(exit)}). Its log:\n${log.tail(30)}`;
  return new TestkitError("envoy-exited", message, { exitCode: exit.code, signal: exit.signal });
}

/** How a process ended, in words. */
export function exitText({ code, signal }: Exit): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}

function stopper({ exited, kill }: Kept): (options?: StopOptions) => Promise<Exit> {
  return async ({ deadlineMs = 5000 } = {}) => {
    kill("TERM");
    const timer = setTimeout(() => kill("KILL"), deadlineMs);
    try {
      return await exited;
    } finally {
      clearTimeout(timer);
    }
  };
}
