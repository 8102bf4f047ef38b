// Runs the conformance suite: on rxds, or with --target HOST:PORT --control http://HOST:PORT on any other xDS server that has
// the control endpoint of conformance/README.md. Further arguments go to vitest: `npm run conformance -- -t "rule 23"`.
import { reporters } from "./reports.mjs";
import { env, main, root, run, UserError } from "./run.mjs";

/** Takes `--name value` out of the arguments. */
function option(args, name) {
  const at = args.indexOf(name);
  if (at < 0) return undefined;
  const [, value] = args.splice(at, 2);
  if (value === undefined || value.startsWith("--")) throw new UserError(`${name} needs a value`);
  return value;
}

await main(() => {
  const args = process.argv.slice(2);
  const target = option(args, "--target");
  const control = option(args, "--control");
  if ((target === undefined) !== (control === undefined)) {
    throw new UserError("--target HOST:PORT and --control http://HOST:PORT go together");
  }
  run(process.execPath, ["scripts/setup.mjs"]);
  const named = target === undefined ? {} : { RXDS_CONFORMANCE_TARGET: target, RXDS_CONFORMANCE_CONTROL: control };
  const vitest = ["node_modules/vitest/vitest.mjs", "run", "--project", "conformance", ...reporters("conformance")];
  run(process.execPath, [...vitest, ...args], { env: { ...env, ...named }, cwd: root });
});
