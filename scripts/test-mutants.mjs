// Proves that the conformance suite can fail: for each rule one or more mutants of the server switch it off, and the rule's
// tests must then fail. `npm run test:mutants -- 23 40` tries those rules only.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mutants, withoutMutants } from "../conformance/mutants/index.mjs";
import { rulesIn } from "../conformance/mutants/rules.mjs";
import { env, main, root, run, UserError } from "./run.mjs";

/** A mutant makes tests wait for what does not come. Still long enough for what comes on a busy machine. */
const DEADLINE_MS = 3000;
const SPECS = "conformance/specs";
/** How a test fails that found something wrong, or waited in vain. Anything else says nothing about the rule. */
const HONEST = /^(AssertionError|TestkitError|Error: Test timed out)/;

/** The spec files with tests of a rule: vitest need not load the others. */
function filesOf(rules) {
  return readdirSync(join(root, SPECS))
    .filter((file) => rulesIn(readFileSync(join(root, SPECS, file), "utf8")).some((rule) => rules.includes(rule)))
    .map((file) => `${SPECS}/${file}`);
}

/** Runs the tests of some rules, with or without a mutant, until so many have failed. */
async function test(rules, edits, bail) {
  const folder = mkdtempSync(join(tmpdir(), "rxds-mutant-"));
  try {
    const [report, mutant] = [join(folder, "report.json"), join(folder, "mutant.json")];
    writeFileSync(mutant, JSON.stringify(edits));
    const pattern = `rule (${rules.join("|")})\\b`;
    const args = ["--project", "conformance", "-t", pattern, "--bail", String(bail), "--testTimeout", "15000"];
    const output = ["--reporter=json", `--outputFile=${report}`];
    const variables = edits.length === 0 ? {} : { RXDS_MUTANT: mutant, RXDS_CONFORMANCE_DEADLINE_MS: DEADLINE_MS };
    const child = spawn(
      process.execPath,
      ["node_modules/vitest/vitest.mjs", "run", ...args, ...output, ...filesOf(rules)],
      { cwd: root, env: { ...env, ...variables }, stdio: ["ignore", "pipe", "pipe"] },
    );
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
    await new Promise((resolve) => child.on("close", resolve));
    const applied = existsSync(`${mutant}.applied`) ? readFileSync(`${mutant}.applied`, "utf8").split("\n") : [];
    const unused = edits.filter(({ file }) => !applied.includes(file)).map(({ file }) => file);
    const { testResults } = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : { testResults: [] };
    return { testResults, said, unused };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Tests of a report that ran. */
const ran = (report) =>
  report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "passed" || status === "failed");

/** Spec files that could not even be loaded, with the reason. */
const unloaded = (report) =>
  report.testResults
    .filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0)
    .map(({ name, message }) => `${name}: ${firstLine(message)}`);

/** What became of a mutant: `killed`, or what is wrong. */
function verdict(report) {
  const tests = ran(report);
  const failed = tests.filter(({ status }) => status === "failed");
  if (report.unused.length > 0) return `never loaded ${report.unused.join(", ")}: ${firstLine(report.said)}`;
  if (unloaded(report).length > 0) return `could not be loaded: ${unloaded(report).join("; ")}`;
  if (tests.length === 0) return `no test ran: ${firstLine(report.said)}`;
  if (failed.length === 0) return `survived ${tests.length} tests`;
  const other = failed.map(({ failureMessages }) => failureMessages[0] ?? "").find((message) => !HONEST.test(message));
  return other === undefined ? "killed" : `died of something else: ${firstLine(other)}`;
}

const firstLine = (text) =>
  text
    .trim()
    .split("\n")
    .find((line) => /error/i.test(line))
    ?.trim() ?? "it printed no error";

await main(async () => {
  const asked = process.argv.slice(2).map(Number);
  if (asked.some((rule) => !Number.isInteger(rule))) throw new UserError("arguments are numbers of rules: 23 40");
  run(process.execPath, ["scripts/setup.mjs"]);
  const tested = rulesIn(
    ...readdirSync(join(root, SPECS)).map((file) => readFileSync(join(root, SPECS, file), "utf8")),
  );
  const rules = asked.length > 0 ? asked : tested;
  const problems = rules
    .filter((rule) => !mutants.some((mutant) => mutant.rule === rule) && !withoutMutants.has(rule))
    .map((rule) => `rule ${rule}: has no mutant`);

  const start = performance.now();
  const sound = await test(rules, [], 0);
  if (unloaded(sound).length > 0) throw new UserError(`could not be loaded: ${unloaded(sound).join("; ")}`);
  const broken = ran(sound).filter(({ status }) => status === "failed");
  if (ran(sound).length === 0) throw new UserError(`no test ran without a mutant: ${firstLine(sound.said)}`);
  // A test that fails by itself says nothing about a mutant.
  for (const { fullName } of broken) problems.push(`fails without a mutant: ${fullName}`);
  const unsound = rulesIn(...broken.map(({ fullName }) => fullName));
  console.log(`without a mutant: ${ran(sound).length - broken.length} tests pass, ${broken.length} fail`);

  for (const mutant of mutants.filter(({ rule }) => rules.includes(rule) && !unsound.includes(rule))) {
    const began = performance.now();
    const result = verdict(await test([mutant.rule], mutant.edits, 1));
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`rule ${String(mutant.rule).padEnd(3)} ${seconds.padStart(5)} s  ${result.padEnd(8)}  ${mutant.why}`);
    if (result !== "killed") problems.push(`rule ${mutant.rule}: ${mutant.why}: ${result}`);
  }
  console.log(`${((performance.now() - start) / 1000).toFixed(0)} s in all`);
  if (problems.length > 0) throw new UserError(`\n${problems.join("\n")}`);
});
