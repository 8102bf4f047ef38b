import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { eventually } from "@rxds/testkit";

/** The repository. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Compiles examples: they are run as a user runs them. */
export function build(...examples: readonly string[]): void {
  execFileSync(`${root}/node_modules/.bin/tsc`, ["-b", ...examples.map((name) => `examples/${name}`)], { cwd: root });
}

/** A running program. Disposing of it kills it. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** What it wrote so far, both streams. */
  output(): string;
  /** Waits until the output from `from` on matches. */
  until(pattern: RegExp, from?: number): Promise<RegExpExecArray>;
  /** Writes to its standard input. */
  write(text: string): void;
  /** How it ended: the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a program in the repository's root. Without a command it is Node. */
export function startProgram(
  args: readonly string[],
  { env = {}, command = process.execPath }: { env?: NodeJS.ProcessEnv; command?: string } = {},
): Program {
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: "pipe" });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const ended = once(child, "close").then(([code, signal]: (number | string | null)[]) => code ?? signal ?? "unknown");
  return {
    pid: child.pid!,
    output: () => output,
    until: (pattern, from = 0) =>
      eventually(() => pattern.exec(output.slice(from)) ?? false, {
        deadlineMs: 30_000,
        describe: () => `output that matches ${pattern}; the output so far:\n${output}`,
      }),
    write: (text) => void child.stdin.write(text),
    ended,
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
