import { expect, test } from "vitest";
import { createBackoff } from "./backoff.js";

const options = { minMs: 100, maxMs: 300, jitter: 0.2 };

test("waits grow by 1.6 up to the longest", () => {
  const backoff = createBackoff(options, () => 0.5);
  expect([1, 2, 3, 4, 5].map(() => Math.round(backoff.next()))).toEqual([100, 160, 256, 300, 300]);
});

test("waits are spread by the jitter to both sides", () => {
  expect(createBackoff(options, () => 0).next()).toBeCloseTo(80);
  expect(createBackoff(options, () => 1).next()).toBeCloseTo(120);
});

test("after a reset the first wait comes again", () => {
  const backoff = createBackoff(options, () => 0.5);
  backoff.next();
  backoff.next();
  backoff.reset();
  expect(backoff.next()).toBe(100);
});
