import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { entering } from "../entering.js";
import { keep } from "../envoy/keeper.js";
import { createLog } from "../envoy/log.js";
import { exitText } from "../envoy/start-envoy.js";
import { TestkitError } from "../error.js";
import type { AgentMethods, Response } from "./agent/protocol.js";
import type { Home } from "./home.js";
import { lineCutter } from "./lines.js";
import { toolEnvironment } from "./requirements.js";

/** An agent that runs. */
export interface AgentProcess {
  readonly pid: number;
  /** Resolves when it has ended. */
  readonly exited: Promise<void>;
  /** Calls a method of it. Throws TestkitError `agent-failed`, with its word for what went wrong as `details.error`. */
  call<M extends keyof AgentMethods>(
    method: M,
    params: Parameters<AgentMethods[M]>[0],
  ): Promise<ReturnType<AgentMethods[M]>>;
  /** Ends it. */
  stop(): Promise<void>;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Starts an agent in a node or a pod. It does not outlive this process. Throws TestkitError `agent-failed`. */
export async function startAgentProcess(home: Home): Promise<AgentProcess> {
  const { netns } = home;
  const folder = join(tmpdir(), `rxds-agent-${randomBytes(8).toString("hex")}`);
  const path = join(folder, "socket");
  const log = createLog(100_000);
  // Options for this process, such as a debugger's port, are not for that one.
  const { NODE_OPTIONS: _, ...env } = toolEnvironment();
  let onListening = (): void => {};
  const listening = new Promise<void>((resolve) => {
    onListening = resolve;
  });
  const kept = keep({
    folder,
    file: ["netns", netns],
    command: [...entering(home), process.execPath, agentProgram(), path],
    env,
    onOutput(text, stream) {
      if (stream === "stdout") onListening();
      else log.append(text);
    },
  });
  let stopped = false;
  const failure = kept.exited.then((exit) => {
    const why = stopped ? "was stopped" : `ended (${exitText(exit)}): ${log.tail(20)}`;
    return new TestkitError("agent-failed", `the agent in ${netns} ${why}`);
  });
  const early = failure.then((error) => Promise.reject(error));
  early.catch(() => {});
  await Promise.race([listening, early]);
  const socket = await Promise.race([connected(path), early]);
  const pending = new Map<number, Pending>();
  receive(socket, netns, pending);
  let ended: TestkitError | undefined;
  const exited = failure.then((error) => {
    ended = error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
    socket.destroy();
  });
  let last = 0;
  return {
    pid: await kept.pid,
    exited,
    call<M extends keyof AgentMethods>(method: M, params: Parameters<AgentMethods[M]>[0]) {
      if (ended !== undefined) return Promise.reject(ended);
      last += 1;
      const id = last;
      const answer = new Promise<unknown>((resolve, reject) => pending.set(id, { resolve, reject }));
      socket.write(`${JSON.stringify({ id, method, params })}\n`);
      return answer as Promise<ReturnType<AgentMethods[M]>>;
    },
    async stop() {
      stopped = true;
      kept.kill("KILL");
      await exited;
    },
  };
}

function receive(socket: Socket, netns: string, pending: Map<number, Pending>): void {
  socket.on("error", () => {});
  socket.setEncoding("utf8").on(
    "data",
    lineCutter((line) => {
      const response = JSON.parse(line) as Response;
      const waiting = pending.get(response.id);
      pending.delete(response.id);
      if ("result" in response) return waiting?.resolve(response.result);
      const { error } = response;
      waiting?.reject(new TestkitError("agent-failed", `the agent in ${netns} answered: ${error}`, { error }));
    }),
  );
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => resolve(socket));
    socket.once("error", reject);
  });
}

/** The compiled program: beside this file in the package, in `dist` when this runs from the sources. */
function agentProgram(): string {
  const places = ["./agent/main.js", "../../dist/lab/agent/main.js"];
  const paths = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const found = paths.find((path) => existsSync(path));
  if (found !== undefined) return found;
  const message = `the agent's program is at none of ${paths.join(", ")}: run \`npm run build\``;
  throw new TestkitError("agent-failed", message, { paths });
}
