// The JSON reports of the test runs: where they go, and what they add up to.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run.mjs";

const folder = () => process.env.RXDS_REPORTS || join(root, ".cache/reports");

/** Reporter options for a vitest run that is called `name`; without CI or RXDS_REPORTS no report is written. */
export function reporters(name) {
  if (!process.env.RXDS_REPORTS && !process.env.CI) return [];
  mkdirSync(folder(), { recursive: true });
  const path = join(folder(), `${name}.json`);
  rmSync(path, { force: true });
  return ["--reporter=default", "--reporter=json", `--outputFile.json=${path}`];
}

/** Every report by its name. One that is missing or cut off is undefined. */
export function readReports(expected = [], from = folder()) {
  const found = existsSync(from) ? readdirSync(from).filter((file) => file.endsWith(".json")) : [];
  const names = [...new Set([...expected, ...found.map((file) => file.slice(0, -".json".length))])].sort();
  return new Map(names.map((name) => [name, readReport(join(from, `${name}.json`))]));
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** How much of what a failed test said is shown, in characters. */
const SAID = 2000;

/** Each test that failed, and each file that could not be loaded: its suite, its name and the start of what it said. */
export function failures(reports) {
  const found = [];
  for (const [suite, report] of reports) {
    for (const file of report?.testResults ?? []) {
      const tests = file.assertionResults.filter(({ status }) => status === "failed");
      for (const { fullName, failureMessages } of tests)
        found.push({ suite, test: `${file.name} > ${fullName}`, said: failureMessages.join("\n").slice(0, SAID) });
      if (file.status === "failed" && file.assertionResults.length === 0)
        found.push({ suite, test: file.name, said: (file.message ?? "").slice(0, SAID) });
    }
  }
  return found;
}

/**
 * Adds reports up. A file that could not even be loaded has no tests, so it counts as one failure; a suite without
 * tests, or without a report, is a problem too: a run that tested nothing must not look green.
 */
export function summarize(reports) {
  const total = { passed: 0, failed: 0, skipped: 0, problems: [] };
  for (const [name, report] of reports) {
    if (report === undefined) {
      total.problems.push(`${name}: no report was written`);
      continue;
    }
    const unloaded = report.testResults.filter((f) => f.status === "failed" && f.assertionResults.length === 0);
    const failed = report.numFailedTests + unloaded.length;
    const skipped = report.numPendingTests + report.numTodoTests;
    total.passed += report.numPassedTests;
    total.failed += failed;
    total.skipped += skipped;
    if (report.numPassedTests + failed === 0) total.problems.push(`${name}: no test ran`);
    if (skipped > 0) total.problems.push(`${name}: ${skipped} tests were skipped`);
    if (!report.success && failed === 0) total.problems.push(`${name}: failed outside its tests`);
  }
  if (reports.size === 0) total.problems.push("no suite ran");
  return total;
}
