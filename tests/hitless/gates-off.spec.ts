import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { gates } from "./gates.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs the lab with a gate switched off. Resolves with the result that it printed, or what it said instead. */
async function without(gate: string, mode: string, kinds: readonly string[]): Promise<string> {
  const args = ["--gate-off", gate, "--mode", mode, "--transitions", "8", "--rest-ms", "100"];
  for (const kind of kinds) args.push("--kind", kind);
  const child = spawn(process.execPath, [join(root, "scripts/bench-hitless.mjs"), ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await new Promise((resolve) => child.on("close", resolve));
  return said.trim().split("\n").at(-1) ?? "";
}

test.each(gates.flatMap(({ name, kinds, modes }) => modes.map((mode) => [name, mode, kinds] as const)))(
  "without the gate %s requests are lost (%s)",
  async (name, mode, kinds) => {
    const last = await without(name, mode, kinds);
    expect(last).toMatch(/^\{"mode":.*"failed":[1-9]/);
  },
);
