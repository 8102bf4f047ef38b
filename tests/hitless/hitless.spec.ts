import { expect, test } from "vitest";
import { run } from "./run.js";

test.each(["delta", "sotw"] as const)("no change of any kind loses a request (%s)", async (mode) => {
  const said: string[] = [];
  const report = await run({ mode, transitions: 48, seed: 2, hitless: true, say: (line) => said.push(line) });
  expect({ failed: report.failed, resets: report.resets }, said.join("\n")).toEqual({ failed: 0, resets: 0 });
  expect(report.requests).toBeGreaterThan(1000);
  expect(Object.values(report.kinds).every(({ count }) => count >= 3)).toBe(true);
});
