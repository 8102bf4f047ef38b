import { setImmediate } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { Turns } from "./turns.js";

afterEach(() => vi.restoreAllMocks());

test("a turn is over after a while, however many steps it has, and a pause begins the next", async () => {
  let now = 1000;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const turns = new Turns();
  const stepsUntilOver = (most: number) => {
    for (let i = 1; i <= most; i++) if (turns.over) return i;
    return undefined;
  };
  expect(stepsUntilOver(10_000)).toBeUndefined();
  now += 7;
  // The clock is not looked at for each step.
  expect(stepsUntilOver(1000)).toBeLessThanOrEqual(128);
  let others = false;
  const other = setImmediate().then(() => {
    others = true;
  });
  await turns.pause();
  await other;
  expect(others).toBe(true);
  expect(stepsUntilOver(10_000)).toBeUndefined();
});
