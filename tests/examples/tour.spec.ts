import { expect, test } from "vitest";
import { steps } from "../../examples/tour/src/steps.js";
import { alive } from "../testkit/leftovers.js";
import { startProgram } from "./program.js";

test("npm start -- --once tells the whole story, and every step goes as expected", async () => {
  await using program = startProgram(["scripts/start.mjs", "--once"]);
  expect(await program.ended, program.output()).toBe(0);
  const output = program.output();
  for (const { title } of steps) expect(output).toContain(title);
  expect(output).toContain(`All ${steps.length} steps went as expected.`);
  expect(output.match(/^ {4}result +ok/gm)).toHaveLength(steps.length);
  expect(output, "no colours off a terminal").not.toContain("\x1b");
});

test.each(["SIGINT", "SIGTERM"] as const)("npm start runs until %s, and leaves nothing behind", async (signal) => {
  await using program = startProgram(["scripts/start.mjs"]);
  await program.until(/Ctrl-C ends everything/);
  const [, url = ""] = await program.until(/curl (\S+)/);
  expect((await fetch(url)).status).toBe(200);
  const [, pid = ""] = await program.until(/process (\d+),/);
  expect(alive(Number(pid))).toBe(true);
  program.kill(signal);
  expect(await program.ended, program.output()).toBe(0);
  expect(alive(Number(pid))).toBe(false);
  await expect(fetch(url)).rejects.toThrow();
});

test("an interrupted story ends with the signal's exit code, and leaves nothing behind", async () => {
  await using program = startProgram(["scripts/start.mjs", "--once"]);
  const [, pid = ""] = await program.until(/process (\d+),/);
  program.kill("SIGINT");
  expect(await program.ended, program.output()).toBe(130);
  expect(program.output()).toContain("SIGINT: stopped before the end");
  expect(alive(Number(pid))).toBe(false);
});
