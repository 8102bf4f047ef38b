import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What became of one request. */
export interface Outcome {
  /** Names it in Envoy's access log. */
  readonly id: string;
  readonly target: string;
  /** When it began, in ms since the epoch. */
  readonly sentAt: number;
  /** When it ended. */
  readonly doneAt: number;
  /** 0: no answer began. */
  readonly status: number;
  /** Who answered; empty: Envoy itself, or nobody. */
  readonly backend: string;
  /** Why there is no whole answer; empty: there is one. */
  readonly error: string;
  /** Whether the connection had carried an answer before. Known when there is an error. */
  readonly reused: boolean;
  /** What the answer said. */
  readonly body?: string;
}

/** Where the requests of a target go. */
export interface TargetAddress {
  readonly target: string;
  readonly port: number;
  readonly host: string;
  readonly path: string;
}

/** How much load there is. */
export interface LoadShape {
  /** Loops that keep their connection. */
  readonly kept: number;
  /** Loops that open a connection for each request. */
  readonly fresh: number;
  /** Loops that keep their connection, and rest longer than any other request takes and less than a listener needs to drain. */
  readonly resting: number;
  /** The rest between two requests of the other loops, in ms. */
  readonly restMs: number;
}

/** The backends that are to be started. */
export interface Backends {
  readonly plain: readonly string[];
  readonly tls: readonly string[];
  readonly credentials: { readonly cert: string; readonly key: string; readonly ca: string };
}

type Told =
  | { readonly kind: "backends"; readonly addresses: Readonly<Record<string, string>> }
  | { readonly kind: "outcomes"; readonly outcomes: readonly Outcome[] }
  | { readonly kind: "stopped" };

/** The process with the backends and the load. */
export interface Traffic extends AsyncDisposable {
  /** `ip:port` of each backend. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Begins to send requests to the targets. */
  start(load: LoadShape): void;
  /** Which targets the requests go to from now on. */
  target(targets: readonly TargetAddress[]): void;
  /** Ends the load; resolves when every outcome was told. */
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL("traffic/main.mjs", import.meta.url));

/** Starts the process and its backends. `heard` gets what became of every request. */
export async function startTraffic(backends: Backends, heard: (outcome: Outcome) => void): Promise<Traffic> {
  const child = fork(program, { stdio: ["ignore", "inherit", "inherit", "ipc"], execArgv: [] });
  child.on("message", (told: Told) => {
    if (told.kind === "outcomes") told.outcomes.forEach(heard);
  });
  child.send({ kind: "backends", ...backends });
  const { addresses } = await answer(child, "backends");
  return {
    addresses,
    start: (load) => void child.send({ kind: "start", load }),
    target: (targets) => void child.send({ kind: "targets", targets }),
    async stop() {
      const stopped = answer(child, "stopped");
      child.send({ kind: "stop" });
      await stopped;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** The next message of a kind. @throws Error when the process ends first. */
function answer<K extends Told["kind"]>(child: ChildProcess, kind: K): Promise<Extract<Told, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the load's process ended with ${code}`));
    const hear = (told: Told) => {
      if (!isOf(told, kind)) return;
      child.off("message", hear);
      child.off("exit", ended);
      resolve(told);
    };
    child.on("message", hear);
    child.once("exit", ended);
  });
}

function isOf<K extends Told["kind"]>(told: Told, kind: K): told is Extract<Told, { kind: K }> {
  return told.kind === kind;
}
