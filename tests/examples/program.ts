import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { eventually } from "@rxds/testkit";

/** The repository. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Compiles folders of the repository, and what they are made of. Throws what the compiler has to say. */
export function build(...folders: readonly string[]): void {
  const { status, stdout } = spawnSync(`${root}/node_modules/.bin/tsc`, ["-b", ...folders], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`tsc -b ${folders.join(" ")} failed:\n${stdout}`);
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
