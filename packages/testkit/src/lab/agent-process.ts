import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { keep } from "../envoy/keeper.js";
import { createLog } from "../envoy/log.js";
import { exitText } from "../envoy/start-envoy.js";
import { TestkitError } from "../error.js";
import { entering } from "../netns.js";
import type { AgentMethods, Response } from "./agent/protocol.js";
import { lineCutter } from "./lines.js";
import { toolEnvironment } from "./requirements.js";

/** An agent that runs. */
export interface AgentProcess {
  readonly pid: number;
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

/** Starts an agent in a namespace. It does not outlive this process. Throws TestkitError `agent-failed`. */
export async function startAgentProcess(netns: string): Promise<AgentProcess> {
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
    command: [...entering(netns), process.execPath, agentProgram(), path],
    env,
    onOutput(text, stream) {
      if (stream === "stdout") onListening();
      else log.append(text);
    },
  });
  let stopped = false;
  const ended = kept.exited.then((exit): never => {
    const why = stopped ? "was stopped" : `ended (${exitText(exit)}): ${log.tail(20)}`;
    throw new TestkitError("agent-failed", `the agent in ${netns} ${why}`);
  });
  ended.catch(() => {});
  await Promise.race([listening, ended]);
  const socket = await Promise.race([connected(path), ended]);
  const pending = new Map<number, Pending>();
  receive(socket, netns, pending);
  let last = 0;
  return {
    pid: await kept.pid,
    call<M extends keyof AgentMethods>(method: M, params: Parameters<AgentMethods[M]>[0]) {
      last += 1;
      const id = last;
      const answer = new Promise<unknown>((resolve, reject) => pending.set(id, { resolve, reject }));
      socket.write(`${JSON.stringify({ id, method, params })}\n`);
      return Promise.race([answer, ended]) as Promise<ReturnType<AgentMethods[M]>>;
    },
    async stop() {
      stopped = true;
      kept.kill("KILL");
      await kept.exited;
      socket.destroy();
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
