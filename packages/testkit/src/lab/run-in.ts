import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { entering } from "../entering.js";
import { keep } from "../envoy/keeper.js";
import { TestkitError } from "../error.js";
import type { Home } from "./home.js";
import { toolEnvironment } from "./requirements.js";

/** How to run a command. */
export interface RunOptions {
  /** Milliseconds until it must have ended; then it is killed. Default 30000. */
  readonly timeoutMs?: number;
}

/** What came of a command. */
export interface RunResult {
  /** What it wrote to its standard output. */
  readonly stdout: string;
  /** What it wrote to its standard error. */
  readonly stderr: string;
  /** Its exit code; null when a signal ended it. */
  readonly code: number | null;
}

/**
 * Runs a command in a node or a pod to its end, without input. Every exit code is a result. It does not outlive this process.
 *
 * @throws TestkitError `deadline` with what it wrote.
 */
export async function runIn(
  home: Home,
  command: string,
  args: readonly string[],
  { timeoutMs = 30_000 }: RunOptions,
): Promise<RunResult> {
  const output = { stdout: "", stderr: "" };
  const kept = keep({
    folder: join(tmpdir(), `rxds-run-${randomBytes(8).toString("hex")}`),
    file: ["netns", home.netns],
    command: [...entering(home), command, ...args],
    env: toolEnvironment(),
    onOutput(text, stream) {
      output[stream] += text;
    },
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kept.kill("KILL");
  }, timeoutMs);
  const { code } = await kept.exited.finally(() => clearTimeout(timer));
  if (!late) return { ...output, code };
  const message = `${command} in ${home.netns} did not end within ${timeoutMs} ms. It wrote:\n${output.stdout}${output.stderr}`;
  throw new TestkitError("deadline", message, { timeoutMs });
}
