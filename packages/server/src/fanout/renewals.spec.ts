import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Renewals } from "./renewals.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const start = () => {
  const due: number[][] = [];
  const renewals = new Renewals((ids) => due.push([...ids]));
  return { due, renewals };
};

test("a time to live is renewed several times before it is over, together with equal ones", () => {
  const { due, renewals } = start();
  renewals.set(1, 3000);
  renewals.set(2, 3000);
  renewals.set(3, 9000);
  vi.advanceTimersByTime(2999);
  expect(due).toEqual([
    [1, 2],
    [1, 2],
  ]);
  vi.advanceTimersByTime(1);
  expect(due.slice(2).sort()).toEqual([[1, 2], [3]]);
});

test("what has none any more is renewed no more, and no timer is left", () => {
  const { due, renewals } = start();
  renewals.set(1, 3000);
  expect(renewals.any).toBe(true);
  renewals.set(1, 6000);
  vi.advanceTimersByTime(1500);
  expect(due).toEqual([]);
  renewals.set(1, undefined);
  expect([renewals.any, vi.getTimerCount()]).toEqual([false, 0]);
  renewals.set(2, 3000);
  renewals.close();
  expect(vi.getTimerCount()).toBe(0);
});
