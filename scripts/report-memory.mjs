// How much memory the Envoys of a mesh take, in every topology, into docs/memory.md: `npm run report:memory`. `-- --quick` takes fewer
// and smaller ones, and writes nothing. Needs root, for network namespaces.
import { join } from "node:path";
import { env, main, root, run } from "./run.mjs";

await main(() => {
  run(process.execPath, ["scripts/setup.mjs", "--build"]);
  const args = process.argv.slice(2);
  if (!args.includes("--quick")) args.push("--write");
  run(process.execPath, [join(root, "bench/memory/main.js"), ...args], { env });
});
