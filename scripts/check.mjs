// Everything that can be said about the code without running it, and the packages as a user gets them.
// --fix lets Biome write what it can, --update-api rewrites the API reports in api/.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { main, root, run, text, UserError } from "./run.mjs";
import { manifest, PACKAGES, projectFiles } from "./workspace.mjs";

const OPTIONS = ["--fix", "--update-api"];
const failed = [];

/** Runs one check; one that fails does not keep the others from being run. */
async function step(name, check) {
  const start = performance.now();
  console.log(`\n# ${name}`);
  try {
    const problems = (await check()) ?? [];
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) failed.push(name);
  } catch (error) {
    console.error(error instanceof UserError ? error.message : error);
    failed.push(name);
  }
  console.log(`${failed.at(-1) === name ? "FAILED" : "ok"}, ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

const texts = (...patterns) => projectFiles(...patterns).map((path) => [path, readFileSync(join(root, path), "utf8")]);

function biome(fix) {
  run("biome", ["check", "--error-on-warnings", "--max-diagnostics=100", ...(fix ? ["--write"] : [])]);
}

await main(async () => {
  const args = process.argv.slice(2);
  const unknown = args.find((arg) => !OPTIONS.includes(arg));
  if (unknown) throw new UserError(`unknown option ${unknown}: there are ${OPTIONS.join(" and ")}`);
  run(process.execPath, ["scripts/setup.mjs", "--build"]);
  // Imported only now: they need what was installed.
  const { checkImports } = await import("./check/import-rules.mjs");
  const { checkTrackedFiles } = await import("./check/tracked-files.mjs");
  const { checkApi } = await import("./check/api-report.mjs");
  const { checkTarballs, pack } = await import("./check/pack.mjs");
  const { checkConsumer } = await import("./check/consumer.mjs");

  await step("lint and format", () => biome(args.includes("--fix")));
  await step("types of specs, tests and scripts", () => run("tsc", ["-p", "tsconfig.spec.json"]));
  await step("imports and dependencies", () => {
    const manifests = Object.fromEntries(PACKAGES.map((name) => [name, manifest(name)]));
    return checkImports(texts("*.ts", "*.mjs", "*.js"), { ...manifests, ".": JSON.parse(text("package.json")) });
  });
  await step("files in git", () => checkTrackedFiles(texts()));
  await step("public API", () => checkApi(args.includes("--update-api")));
  let tarballs;
  await step("tarballs", () => {
    tarballs = pack();
    return checkTarballs(tarballs);
  });
  if (tarballs) await step("a project that uses the tarballs", () => checkConsumer(tarballs));
  if (failed.length > 0) throw new UserError(`failed: ${failed.join("; ")}`);
  console.log("\nall checks passed");
});
