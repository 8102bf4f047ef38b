import { expect, test } from "vitest";
import { anything, heartbeat, response, startedSubStream, versions, wire } from "../../spec-support/messages.js";
import { expire } from "./expire.js";
import { receive } from "./receive.js";
import { isAnswered } from "./sub-stream.js";

test("what nothing refreshed is dropped when its time is over", () => {
  const sub = startedSubStream(["*"]);
  const resources = [wire("a", "1", { ttlMs: 100 }), wire("b", "1", { ttlMs: 200 }), wire("c")];
  receive(sub, response({ resources }), anything, 0);
  expect(sub.soonest).toBe(100);
  expect(expire(sub, 99)).toEqual([]);
  expect(expire(sub, 100)).toEqual(["a"]);
  expect(sub.soonest).toBe(200);
  expect(expire(sub, 1000)).toEqual(["b"]);
  expect(sub.soonest).toBe(Number.POSITIVE_INFINITY);
  expect(versions(sub)).toEqual({ c: "1" });
});

test("a refreshed resource stays", () => {
  const sub = startedSubStream(["*"]);
  receive(sub, response({ resources: [wire("a", "1", { ttlMs: 100 })] }), anything, 0);
  receive(sub, response({ resources: [heartbeat("a", "1", 100)] }), anything, 90);
  expect(expire(sub, 110)).toEqual([]);
  expect(sub.soonest).toBe(190);
});

test("a name whose resource expired waits for the server again", () => {
  const sub = startedSubStream(["a"]);
  receive(sub, response({ resources: [wire("a", "1", { ttlMs: 1 })] }), anything, 0);
  expire(sub, 1);
  expect(isAnswered(sub, "a")).toBe(false);
  expect([...sub.missing]).toEqual([]);
});
