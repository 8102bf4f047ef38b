import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { gates } from "./gates.mjs";
import type { Report } from "./report.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** No gate takes a tenth of it until a request fails. */
const MOST_TRANSITIONS = 200;
/** Draws each way in which endpoints can be late among the first five: that saves time. */
const SEED = 135;
/** Where several kinds take turns, what one breaks is not to be counted for another: no connection rests for longer. */
const REST_MS = 750;

/** Runs the lab with a gate switched off, until a request has failed with each of the kinds. Resolves with what it said. */
async function without(gate: string, mode: string, kinds: readonly string[]): Promise<string> {
  const script = join(root, "scripts/bench-hitless.mjs");
  const args = ["--gate-off", gate, "--mode", mode, "--transitions", `${MOST_TRANSITIONS}`, "--seed", `${SEED}`];
  for (const kind of kinds) args.push("--kind", kind);
  const restMs = kinds.length > 1 ? REST_MS : 100;
  const child = spawn(process.execPath, [script, ...args, "--rest-ms", `${restMs}`, "--until-failed"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await new Promise((resolve) => child.on("close", resolve));
  return said;
}

/** Of which kinds requests have failed. The run is over, too, when a transition does not end. */
function failedKinds(said: string, kinds: readonly string[]): readonly string[] {
  if (/^Error: transition .* is not over/m.test(said)) return kinds;
  const { kinds: reports }: Report = JSON.parse(said.trim().split("\n").at(-1) ?? "");
  return kinds.filter((kind) => (reports[kind]?.failed ?? 0) > 0);
}

/** Those that are proven in both modes take turns, in long runs both. */
const modesOf = (modes: readonly string[], index: number) =>
  process.env.RXDS_LONG ? modes : [modes[index % modes.length]!];

test.each(
  gates.flatMap(({ name, kinds, modes }, index) => modesOf(modes, index).map((mode) => [name, mode, kinds] as const)),
)("without the gate %s the run fails (%s)", { timeout: 10 * 60_000 }, async (name, mode, kinds) => {
  const said = await without(name, mode, kinds);
  expect(failedKinds(said, kinds), said).toEqual(kinds);
});
