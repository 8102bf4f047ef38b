import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pip } from "./pip.js";

test("resolves with the exit code and what pip printed, line by line", async () => {
  const lines: string[] = [];
  const result = await pip(["--version"], (line) => lines.push(line));
  expect(result.code).toBe(0);
  expect(result.output).toMatch(/^pip \d+/);
  expect(lines.join("\n")).toBe(result.output);
});

test("a missing Python is a typed error that says what to install", async () => {
  const failure = pip(["--version"], () => {}, "no-such-python");
  await expect(failure).rejects.toMatchObject({ code: "python-missing" });
  await expect(failure).rejects.toThrow("no-such-python cannot be started. Python 3 with pip is needed");
});

test("a Python without pip is a typed error that says what to install", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rxds-pip-"));
  try {
    execFileSync("python3", ["-m", "venv", "--without-pip", folder]);
    const failure = pip(["--version"], () => {}, join(folder, "bin/python3"));
    await expect(failure).rejects.toMatchObject({ code: "pip-missing" });
    await expect(failure).rejects.toThrow("install python3 and python3-pip");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
