import { expect, test } from "vitest";
import { failures, summarize } from "./reports.mjs";

const report = (counts: { passed?: number; failed?: number; pending?: number; todo?: number; unloaded?: number }) => ({
  numPassedTests: counts.passed ?? 0,
  numFailedTests: counts.failed ?? 0,
  numPendingTests: counts.pending ?? 0,
  numTodoTests: counts.todo ?? 0,
  success: !counts.failed && !counts.unloaded,
  testResults: Array.from({ length: counts.unloaded ?? 0 }, () => ({ status: "failed", assertionResults: [] })),
});

test("sums the tests of all suites", () => {
  const reports = new Map([
    ["test", report({ passed: 3 })],
    ["node-22", report({ passed: 4 })],
  ]);
  expect(summarize(reports)).toEqual({ passed: 7, failed: 0, skipped: 0, problems: [] });
});

test("counts a file that could not be loaded as a failure", () => {
  expect(summarize(new Map([["test", report({ passed: 1, failed: 1, unloaded: 2 })]]))).toMatchObject({ failed: 3 });
});

test("reports skipped and todo tests as a problem", () => {
  expect(summarize(new Map([["test", report({ passed: 1, pending: 1, todo: 2 })]]))).toMatchObject({
    skipped: 3,
    problems: ["test: 3 tests were skipped"],
  });
});

test("reports a suite in which nothing ran as a problem", () => {
  expect(summarize(new Map([["test", report({})]])).problems).toEqual(["test: no test ran"]);
  expect(summarize(new Map()).problems).toEqual(["no suite ran"]);
});

test("reports a suite without a report as a problem", () => {
  expect(summarize(new Map([["test", undefined]])).problems).toEqual(["test: no report was written"]);
});

test("reports a failure outside the tests, such as an unhandled rejection, as a problem", () => {
  expect(summarize(new Map([["test", { ...report({ passed: 1 }), success: false }]])).problems).toEqual([
    "test: failed outside its tests",
  ]);
});

test("tells each test that failed with the start of what it said, and each file that could not be loaded", () => {
  const testResults = [
    {
      name: "a.spec.ts",
      status: "failed",
      assertionResults: [
        { status: "passed", fullName: "works", failureMessages: [] },
        { status: "failed", fullName: "breaks", failureMessages: ["expected 1\n  at a.spec.ts", "x".repeat(3000)] },
      ],
    },
    { name: "b.spec.ts", status: "failed", message: "cannot be parsed", assertionResults: [] },
  ];
  const found = failures(
    new Map([
      ["test", { ...report({ failed: 1, unloaded: 1 }), testResults }],
      ["none", undefined],
    ]),
  );
  expect(found.map(({ suite, test }) => [suite, test])).toEqual([
    ["test", "a.spec.ts > breaks"],
    ["test", "b.spec.ts"],
  ]);
  expect(found[0]?.said).toMatch(/^expected 1/);
  expect(found[0]?.said).toHaveLength(2000);
  expect(found[1]?.said).toBe("cannot be parsed");
});
