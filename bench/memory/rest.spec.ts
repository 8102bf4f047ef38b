import { expect, test } from "vitest";
import { atRest, same } from "./rest.js";

test("readings within a hundredth are the same", () => {
  expect(same([100, 99.2, 100])).toBe(true);
  expect(same([100, 98.9])).toBe(false);
  expect(same([0, 0])).toBe(true);
});

test("what climbs and then stays is read when it has stayed", async () => {
  let reads = 0;
  const at: number[] = [];
  const read = async () => {
    at.push(performance.now());
    return { mb: Math.min(++reads, 3) };
  };
  const last = await atRest(read, ({ mb }) => mb, { forMs: 150, deadlineMs: 10_000 });
  expect(last).toEqual({ mb: 3 });
  expect(at.at(-1)! - at[2]!).toBeGreaterThanOrEqual(145);
});

test("a slow climb is no rest, however small the steps between two readings", async () => {
  const begin = performance.now();
  const climb = atRest(
    async () => 100 + (performance.now() - begin) * 0.006,
    (mb) => mb,
    { forMs: 450, deadlineMs: 1000 },
  );
  await expect(climb).rejects.toThrow("the memory is at rest: not within 1000 ms");
});
