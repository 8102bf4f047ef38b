// Prints what all test runs add up to, as the last line: `N passed, N failed, N skipped`. Arguments: the expected
// reports by name, and --failed-stage for a run that failed elsewhere. The exit code is 0 only if all is green.
// Above that line stands each test that failed, with what it said.
import { failures, readReports, summarize } from "./reports.mjs";

const failedStage = process.argv.includes("--failed-stage");
const reports = readReports(process.argv.slice(2).filter((arg) => !arg.startsWith("--")));
for (const { suite, test, said } of failures(reports)) console.error(`${suite}: ${test}\n${said}\n`);
const total = summarize(reports);
for (const problem of total.problems) console.error(problem);
const red = failedStage || total.problems.length > 0;
// A run that is red for another reason than a test must not close with "0 failed".
const failed = red && total.failed === 0 ? 1 : total.failed;
console.log(`${total.passed} passed, ${failed} failed, ${total.skipped} skipped`);
process.exitCode = red || failed > 0 ? 1 : 0;
