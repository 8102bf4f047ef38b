// Ways for a pod's connection to a backend on the same node, measured in one run: `npm run bench:redirect`. `-- --json` prints the figures
// as the last line, `-- --write` puts them into docs/redirect.md, `-- --rounds N` takes more or fewer rounds. Needs root.
import { join } from "node:path";
import { env, main, root, run, UserError } from "./run.mjs";

await main(() => {
  if (process.getuid?.() !== 0)
    throw new UserError("the ways are measured in network namespaces: run this as root on Linux");
  run(process.execPath, ["scripts/setup.mjs", "--build"]);
  run(process.execPath, [join(root, "bench/redirect/compare.js"), ...process.argv.slice(2)], { env });
});
