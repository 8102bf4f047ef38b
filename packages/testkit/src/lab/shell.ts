import { spawn } from "node:child_process";
import { TestkitError } from "../error.js";
import { toolEnvironment } from "./requirements.js";

/**
 * Runs a shell script that ends at the first failure.
 *
 * @throws TestkitError `lab-failed` with what the script wrote to its standard error.
 */
export async function shell(what: string, script: string): Promise<string> {
  const child = spawn("/bin/sh", ["-e", "-s"], { env: toolEnvironment(), stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  let problems = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    problems += text;
  });
  // A shell that ended early does not read the rest; its exit code tells.
  child.stdin.on("error", () => {});
  child.stdin.end(script);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code === 0) return output;
  throw new TestkitError("lab-failed", `${what} failed (exit code ${code}): ${problems.trim()}`, { exitCode: code });
}

/** A script line that feeds lines to a command. The lines must not be able to end the text: no line is `END_OF_INPUT`. */
export function feed(command: string, lines: readonly string[]): string {
  return `${command} <<'END_OF_INPUT'\n${lines.join("\n")}\nEND_OF_INPUT\n`;
}
