import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { anything, response, startedSubStream, wire } from "../spec-support/messages.js";
import { createExpiryTimer } from "./expiry-timer.js";
import { receive } from "./protocol/receive.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const sub = startedSubStream(["*"]);
  const expired: string[] = [];
  const timer = createExpiryTimer(sub, (names) => expired.push(...names));
  const ttl = (name: string, ttlMs: number, version = "1") => {
    receive(sub, response({ resources: [wire(name, version, { ttlMs })] }), anything, performance.now());
    timer.arm();
  };
  return { expired, timer, ttl };
}

test("each resource goes when its own time is over", () => {
  const { expired, ttl } = setUp();
  ttl("late", 2000);
  ttl("soon", 1000);
  vi.advanceTimersByTime(999);
  expect(expired).toEqual([]);
  vi.advanceTimersByTime(2);
  expect(expired).toEqual(["soon"]);
  vi.advanceTimersByTime(1000);
  expect(expired).toEqual(["soon", "late"]);
});

test("a refreshed resource stays", () => {
  const { expired, ttl } = setUp();
  ttl("a", 1000);
  vi.advanceTimersByTime(900);
  ttl("a", 1000);
  vi.advanceTimersByTime(900);
  expect(expired).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(expired).toEqual(["a"]);
});

test("a time longer than a timer can take is waited for all the same", () => {
  const { expired, ttl } = setUp();
  ttl("a", 2 ** 31 + 1000);
  vi.advanceTimersByTime(2 ** 31);
  expect(expired).toEqual([]);
  vi.advanceTimersByTime(2000);
  expect(expired).toEqual(["a"]);
});

test("after stop nothing runs", () => {
  const { timer, ttl } = setUp();
  ttl("a", 1000);
  timer.stop();
  expect(vi.getTimerCount()).toBe(0);
});
