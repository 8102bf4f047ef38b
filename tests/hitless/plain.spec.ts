import { expect, test } from "vitest";
import { run } from "./run.js";

test.each(["delta", "sotw"] as const)("plain pushing loses requests, and the lab sees it (%s)", async (mode) => {
  const said: string[] = [];
  const report = await run({
    mode,
    transitions: 32,
    seed: 1,
    hitless: false,
    restMs: 100,
    say: (line) => said.push(line),
  });
  expect(report.failed, said.join("\n")).toBeGreaterThan(0);
  expect(report.requests).toBeGreaterThan(2 * report.failed);
  expect(Object.values(report.kinds).map(({ count }) => count)).toEqual(Object.keys(report.kinds).map(() => 2));
  // Each is told with what was sent around then.
  expect(said.join("\n")).toMatch(/cluster_not_found.*\n.*right: plain-\d/);
});
