// Runs the unit tests and a test with a real Envoy on the other supported Node.js versions, which npm has as packages.
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { reporters } from "./reports.mjs";
import { env, main, output, retried, root, run, text, UserError } from "./run.mjs";

const VERSIONS = ["22.23.3", "24.21.0"];
const ENVOY_TEST = "tests/envoy/configure.spec.ts";

/** The binary of a Node.js version: `RXDS_NODE_22` (`_24`), or what npm has installed into .cache. */
function nodeBinary(version) {
  const variable = `RXDS_NODE_${version.split(".")[0]}`;
  if (process.env[variable]) return process.env[variable];
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(root, ".cache/nodes", version);
  const binary = join(folder, "node_modules", name, "bin/node");
  if (existsSync(binary)) return binary;
  console.log(`installing Node.js ${version}`);
  const quiet = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  try {
    retried(`installing Node.js ${version}`, () =>
      run("npm", ["install", "--prefix", folder, ...quiet, `${name}@${version}`]),
    );
  } catch (error) {
    throw new UserError(`${error.message}; set ${variable} to a Node.js ${version.split(".")[0]} binary to do without`);
  }
  return binary;
}

await main(() => {
  run(process.execPath, ["scripts/setup.mjs", "--build"]);
  if (text(ENVOY_TEST) === "") throw new UserError(`${ENVOY_TEST} is gone: name another test with a real Envoy here`);
  for (const version of VERSIONS) {
    const node = nodeBinary(version);
    const major = version.split(".")[0];
    const actual = output(node, ["--version"]).trim();
    if (!actual.startsWith(`v${major}.`)) throw new UserError(`${node} is Node.js ${actual}, not ${major}`);
    console.log(`testing on Node.js ${actual}`);
    // Tests that start "node" must get this one too.
    const options = { env: { ...env, PATH: dirname(node) + delimiter + env.PATH } };
    const what = ["packages", "scripts", ENVOY_TEST];
    run(node, ["node_modules/vitest/vitest.mjs", "run", ...reporters(`node-${major}`), ...what], options);
  }
});
