import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Deadlines } from "./deadlines.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function deadlinesOf(ms: number, applies?: () => boolean) {
  const missed: string[] = [];
  return { missed, deadlines: new Deadlines<string>(ms, (one) => missed.push(one), applies) };
}

test("who is not stopped in time has missed the deadline, once", () => {
  const { missed, deadlines } = deadlinesOf(100);
  deadlines.start("a");
  vi.advanceTimersByTime(50);
  deadlines.start("b");
  vi.advanceTimersByTime(60);
  expect(missed).toEqual(["a"]);
  deadlines.stop("b");
  vi.advanceTimersByTime(1000);
  expect(missed).toEqual(["a"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("who starts anew has the whole time again", () => {
  const { missed, deadlines } = deadlinesOf(100);
  deadlines.start("a");
  deadlines.start("b");
  vi.advanceTimersByTime(90);
  deadlines.start("a");
  vi.advanceTimersByTime(20);
  expect(missed).toEqual(["b"]);
  vi.advanceTimersByTime(90);
  expect(missed).toEqual(["b", "a"]);
});

test("many deadlines take one timer", () => {
  const { missed, deadlines } = deadlinesOf(100);
  for (let i = 0; i < 1000; i++) deadlines.start(String(i));
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(101);
  expect(missed).toHaveLength(1000);
});

test("while it does not apply nothing runs out, and what is late by then does at once", () => {
  let applies = false;
  const { missed, deadlines } = deadlinesOf(100, () => applies);
  deadlines.start("a");
  vi.advanceTimersByTime(1000);
  expect(missed).toEqual([]);
  applies = true;
  deadlines.arm();
  vi.advanceTimersByTime(1);
  expect(missed).toEqual(["a"]);
});

test("a deadline of Infinity is none, and a closed one holds no timer", () => {
  const { missed, deadlines } = deadlinesOf(Number.POSITIVE_INFINITY);
  deadlines.start("a");
  expect(vi.getTimerCount()).toBe(0);
  const other = deadlinesOf(100);
  other.deadlines.start("a");
  other.deadlines.close();
  expect(vi.getTimerCount()).toBe(0);
  expect([...missed, ...other.missed]).toEqual([]);
});
