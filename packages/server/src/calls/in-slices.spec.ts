import { afterEach, expect, test, vi } from "vitest";
import { inSlices } from "./in-slices.js";

afterEach(() => vi.restoreAllMocks());

/** Work whose steps take one ms each, by a clock that only they move. */
function work(steps: number): { readonly steps: Iterable<number>; done: () => number } {
  let ms = 0;
  vi.spyOn(performance, "now").mockImplementation(() => ms);
  const run = function* () {
    while (ms < steps) yield ++ms;
  };
  return { steps: run(), done: () => ms };
}

test("long work lets others have a turn after each slice", async () => {
  const { steps, done } = work(100);
  let turns = 0;
  const tick = () => {
    turns++;
    if (done() < 100) setImmediate(tick);
  };
  setImmediate(tick);
  expect(await inSlices(steps, () => false)).toBe(true);
  // Slices of 5 ms.
  expect(turns).toBe(20);
});

test("short work is done at once", () => {
  const { steps, done } = work(3);
  void inSlices(steps, () => false);
  expect(done()).toBe(3);
});

test("work that nobody needs any more ends after its slice", async () => {
  const { steps, done } = work(100);
  expect(await inSlices(steps, () => true)).toBe(false);
  expect(done()).toBe(5);
});

test("what the work throws comes out", async () => {
  const failing = function* () {
    yield 1;
    throw new Error("no more");
  };
  await expect(inSlices(failing(), () => false)).rejects.toThrow("no more");
});
