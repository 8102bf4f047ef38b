import { expect, test } from "vitest";
import { anything, heartbeat, response, startedSubStream, TYPE, wire } from "../../spec-support/messages.js";
import { findFaults } from "./find-faults.js";
import type { DeltaResponse } from "./messages.js";
import { receive } from "./receive.js";
import type { SubStream } from "./sub-stream.js";

const faults = (sub: SubStream, parts: Partial<DeltaResponse>): readonly string[] =>
  findFaults(sub, response(parts), anything).faults;

test("a well-formed response has no faults", () => {
  const resources = [wire("a"), wire("b", "2", { ttlMs: 1 })];
  expect(faults(startedSubStream(["*"]), { resources, removed: ["c"] })).toEqual([]);
});

test("a name twice among the resources is a fault", () => {
  expect(faults(startedSubStream(["*"]), { resources: [wire("a"), wire("a")] })).toEqual([
    '"a": duplicate name among the resources',
  ]);
});

test("a name among the resources and the removed ones, or twice among these, is a fault", () => {
  const expected = ['"a": duplicate name among the resources and the removed resources'];
  expect(faults(startedSubStream(["*"]), { resources: [wire("a")], removed: ["a"] })).toEqual(expected);
  expect(faults(startedSubStream(["*"]), { removed: ["a", "a"] })).toEqual(expected);
});

test("a body of another type is a fault, also in a resource that nobody wants", () => {
  const body = { typeUrl: "type.googleapis.com/test.Other", value: Buffer.alloc(0) };
  expect(faults(startedSubStream(["x"]), { resources: [wire("a", "1", { body })] })).toEqual([
    `"a": its type is "type.googleapis.com/test.Other", but the response's is "${TYPE}"`,
  ]);
});

test("a resource without a name is a fault", () => {
  expect(faults(startedSubStream(["*"]), { resources: [wire("")] })).toEqual(['"": a resource must have a name']);
});

test("a time to live that is not positive is a fault", () => {
  expect(faults(startedSubStream(["*"]), { resources: [wire("a", "1", { ttlMs: 0 })] })).toEqual([
    '"a": the time to live must be positive, not 0 ms',
  ]);
});

test("a heartbeat for a version that is not held is a fault, so that the server sends the resource again", () => {
  const sub = startedSubStream(["*"]);
  expect(faults(sub, { resources: [heartbeat("a", "1", 5)] })).toEqual([
    '"a": a heartbeat for version "1", but the resource is not held',
  ]);
  receive(sub, response({ resources: [wire("a", "1")] }), anything, 0);
  expect(faults(sub, { resources: [heartbeat("a", "2", 5)] })).toEqual([
    '"a": a heartbeat for version "2", but version "1" is held',
  ]);
});

test("more resources than the limit are a fault, unless others go", () => {
  const sub = startedSubStream(["*"], { resources: 2 });
  receive(sub, response({ resources: [wire("a"), wire("b")] }), anything, 0);
  expect(faults(sub, { resources: [wire("c")] })).toEqual(["3 resources would pass the client's limit of 2"]);
  expect(faults(sub, { resources: [wire("c")], removed: ["a"] })).toEqual([]);
  expect(faults(sub, { resources: [wire("a", "2"), wire("b", "2")] })).toEqual([]);
});

test("more bytes than the limit are a fault, names counted", () => {
  const sub = startedSubStream(["*"], { bytes: 20 });
  const body = { typeUrl: TYPE, value: Buffer.alloc(9) };
  receive(sub, response({ resources: [wire("a", "1", { body })] }), anything, 0);
  expect(sub.bytes).toBe(11);
  expect(faults(sub, { resources: [wire("b", "1", { body })] })).toEqual([
    "22 bytes would pass the client's limit of 20",
  ]);
  expect(faults(sub, { resources: [wire("b", "1", { body })], removed: ["a"] })).toEqual([]);
});
