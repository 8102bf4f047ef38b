import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** How a call ended. */
export interface Outcome {
  /** The gRPC status: `"OK"`, `"UNAVAILABLE"`, … */
  readonly code: string;
  /** What the backend answered; for a failure the status message. */
  readonly text: string;
}

/** A gRPC client in a process of its own, that finds its backends by xDS. */
export interface GrpcClient extends AsyncDisposable {
  /** Calls a method without waiting for the channel to be ready. Rejects when the process is over. */
  call(target: string, path: string, deadlineMs?: number): Promise<Outcome>;
}

/** A program that reads `{ id, target, path, deadlineMs }` as lines, and writes `{ id, code, text }` for each. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** The node that the clients say they are. */
export const node = { id: "grpc-1", cluster: "grpc" };

/** What a client's bootstrap says beside its node. */
export interface Bootstrap {
  /** Addresses of control planes, the one to prefer first. */
  readonly servers: readonly string[];
  /** Features of these servers (gRPC proposal A53) beside `xds_v3`. Default: none. */
  readonly features?: readonly string[];
}

/** The bootstrap of a gRPC client (gRPC proposal A27). grpc-js insists on the locality. */
function bootstrapJson({ servers, features = [] }: Bootstrap): string {
  return JSON.stringify({
    xds_servers: servers.map((server_uri) => ({
      server_uri,
      channel_creds: [{ type: "insecure" }],
      server_features: ["xds_v3", ...features],
    })),
    node: { ...node, locality: {} },
  });
}

/** Starts a client. It ends with its standard input, so also with this process. */
export function startGrpcClient(program: Program, bootstrap: Bootstrap): GrpcClient {
  const child = spawn(program.command, program.args, {
    env: { ...process.env, ...program.env, GRPC_XDS_BOOTSTRAP_CONFIG: bootstrapJson(bootstrap) },
    stdio: "pipe",
  });
  const waiting = new Map<number, { resolve: (outcome: Outcome) => void; reject: (error: Error) => void }>();
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { id, code, text }: Outcome & { id: number } = JSON.parse(line);
    waiting.get(id)?.resolve({ code, text });
    waiting.delete(id);
  });
  let over: Error | undefined;
  const end = (why: string) => {
    over ??= new Error(`${program.command} ${program.args.join(" ")} ${why}; it wrote:\n${log}`);
    for (const { reject } of waiting.values()) reject(over);
    waiting.clear();
  };
  child.once("error", ({ message }) => end(`could not be started (${message})`));
  const closed = once(child, "close").then(
    ([code, signal]) => end(`ended with ${code ?? signal}`),
    () => {},
  );
  let calls = 0;
  return {
    call: (target, path, deadlineMs = 10_000) =>
      new Promise((resolve, reject) => {
        if (over !== undefined) return reject(over);
        const id = ++calls;
        waiting.set(id, { resolve, reject });
        child.stdin.write(`${JSON.stringify({ id, target, path, deadlineMs })}\n`);
      }),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await closed;
    },
  };
}
