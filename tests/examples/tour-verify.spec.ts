import { expect, test } from "vitest";
import type { Push } from "../../examples/tour/src/pushes.js";
import type { Expectation } from "../../examples/tour/src/step.js";
import { createStyle } from "../../examples/tour/src/style.js";
import { type Outcome, verify } from "../../examples/tour/src/verify.js";

const push: Push = { label: "EDS", names: ["web"], removedNames: [], bytes: 10, answer: "ACK" };
const expected: Expectation = { diff: ["~ EDS web"], pushed: ["EDS web"], traffic: { "/": { red: 50, blue: 50 } } };
const good: Outcome = { diff: ["~ EDS web"], pushes: [push], traffic: { "/": { red: 21, blue: 19 } } };

test("an outcome as expected has nothing wrong", () => {
  expect(verify(expected, good)).toEqual([]);
});

test.each<[string, Partial<Outcome>, string]>([
  ["another diff", { diff: [] }, "the diff: expected ~ EDS web; seen nothing"],
  ["a push too many", { pushes: [push, { ...push, label: "CDS" }] }, "pushed: expected EDS web; seen CDS web, EDS web"],
  ["no push", { pushes: [] }, "pushed: expected EDS web; seen nothing"],
  ["a rejection", { pushes: [{ ...push, answer: "NACK: no" }] }, "EDS web: expected ACK, seen NACK: no"],
  [
    "shares that are far off",
    { traffic: { "/": { red: 30, blue: 10 } } },
    "GET /: expected red 50 %, blue 50 % (within 8 points); seen red 30, blue 10",
  ],
  [
    "a single failed request",
    { traffic: { "/": { red: 500, blue: 499, "status 503": 1 } } },
    "GET /: expected red 50 %, blue 50 % (within 8 points); seen red 500, blue 499, status 503 1",
  ],
  ["no requests", { traffic: {} }, "GET /: expected red 50 %, blue 50 % (within 8 points); seen no answer"],
])("%s is told, with what was expected and what was seen", (_, part, message) => {
  expect(verify(expected, { ...good, ...part })).toEqual([message]);
});

test("where one server is expected, one request elsewhere is wrong", () => {
  const alone = { ...expected, traffic: { "/": { red: 100 } } };
  expect(verify(alone, { ...good, traffic: { "/": { red: 999, blue: 1 } } })).toEqual([
    "GET /: expected red 100 %; seen red 999, blue 1",
  ]);
});

test("text is coloured on a terminal that has colours, and nowhere else", () => {
  expect(createStyle({ isTTY: true, hasColors: () => true }).bad("x")).toBe("\x1b[31mx\x1b[39m");
  expect(createStyle({ isTTY: true, hasColors: () => false }).bad("x")).toBe("x");
  expect(createStyle({ hasColors: () => true }).bad("x")).toBe("x");
  expect(createStyle({ isTTY: true }).bad("x")).toBe("x");
});
