import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { envoyBinary, eventually } from "@rxds/testkit";
import { afterEach, beforeAll, expect, test } from "vitest";
import { alive, expectGone } from "./leftovers.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

// The child is a plain Node process and runs the compiled package: it must be that of these sources.
beforeAll(() => {
  execFileSync(`${root}/node_modules/.bin/tsc`, ["-b", "packages/testkit"], { cwd: root });
});

const PROGRAM = `
import { dirname } from "node:path";
import { startEnvoy } from "@rxds/testkit";
process.once("SIGUSR2", () => process.exit(3));
process.once("SIGWINCH", () => { throw new Error("nobody catches this"); });
const envoy = await startEnvoy();
const { commandLineOptions } = await envoy.serverInfo();
console.log(JSON.stringify({ pid: envoy.pid, folder: dirname(commandLineOptions.configPath) }));
`;

let child: ChildProcess | undefined;
afterEach(() => child?.kill("SIGKILL"));

/** Starts a process that starts an Envoy; resolves when both run. */
async function processWithEnvoy() {
  const started = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    env: { ...process.env, ENVOY_PATH: await envoyBinary() },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  child = started;
  let problems = "";
  started.stderr.setEncoding("utf8").on("data", (text: string) => {
    problems += text;
  });
  const ended = once(started, "exit");
  for await (const line of createInterface({ input: started.stdout })) {
    return { id: started.pid!, ended, ...(JSON.parse(line) as { pid: number; folder: string }) };
  }
  throw new Error(`the process said nothing: ${problems}`);
}

test.each([
  ["is killed by SIGKILL", (id: number) => process.kill(id, "SIGKILL")],
  ["is killed by SIGKILL together with its process group", (id: number) => process.kill(-id, "SIGKILL")],
  ["is interrupted by Ctrl-C", (id: number) => process.kill(-id, "SIGINT")],
  ["calls process.exit", (id: number) => process.kill(id, "SIGUSR2")],
  ["dies of an uncaught exception", (id: number) => process.kill(id, "SIGWINCH")],
])("neither Envoy nor its folder outlives a process that %s", async (_, end) => {
  const { id, ended, pid, folder } = await processWithEnvoy();
  expect(alive(pid)).toBe(true);
  expect(existsSync(folder)).toBe(true);
  end(id);
  await ended;
  await eventually(() => expectGone(pid, folder), { describe: "nothing is left" });
});
