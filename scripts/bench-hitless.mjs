// Random changes of a real Envoy's configuration under load; the last line is the result:
// `npm run bench:hitless -- --mode sotw --transitions 1000`. Fails when a request failed. `--off`: plain pushing; `--gate-off
// NAME`: the sources with one gate switched off (tests/hitless/gates.mjs), to see that requests are lost without it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createViteServer } from "vitest/node";
import { gates } from "../tests/hitless/gates.mjs";
import { env, main, root, run, UserError } from "./run.mjs";

/** Takes `--gate-off NAME` out of the arguments; the edits that switch it off. */
function gateOff(args) {
  const at = args.indexOf("--gate-off");
  if (at < 0) return undefined;
  const [, name] = args.splice(at, 2);
  const gate = gates.find((one) => one.name === name);
  if (gate === undefined) throw new UserError(`--gate-off is one of ${gates.map((one) => one.name).join(", ")}`);
  console.log(`without the gate ${name}: ${gate.why}`);
  return gate.edits;
}

/** The tests' way to load sources: TypeScript, with changes if need be. */
function loader() {
  return createViteServer({
    root,
    configFile: join(root, "vitest.config.ts"),
    appType: "custom",
    logLevel: "error",
    // Node.js 20 has no explicit resource management.
    oxc: { target: "node20" },
    server: { middlewareMode: true, hmr: false, watch: null, ws: false },
  });
}

await main(async () => {
  const args = process.argv.slice(2);
  const edits = gateOff(args);
  run(process.execPath, ["scripts/setup.mjs", "--build"]);
  Object.assign(process.env, env);
  const folder = mkdtempSync(join(tmpdir(), "rxds-gate-"));
  try {
    if (edits !== undefined) {
      process.env.RXDS_MUTANT = join(folder, "gate.json");
      writeFileSync(process.env.RXDS_MUTANT, JSON.stringify(edits));
    }
    const vite = await loader();
    try {
      const bench = await vite.ssrLoadModule("/bench/hitless/main.ts");
      if (!(await bench.main(args))) process.exitCode = 1;
    } finally {
      await vite.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
