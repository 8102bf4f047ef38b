// Measures snapshots, commits, encoding and fan-out at three sizes and prints medians: `npm run bench -- --quick` takes under
// a minute. Judges nothing; fails only if something crashes.
import { join } from "node:path";
import { main, root, run } from "./run.mjs";

await main(() => {
  run(process.execPath, ["scripts/setup.mjs"]);
  run("tsc", ["-b"]);
  run(process.execPath, [join(root, "bench/src/main.js"), ...process.argv.slice(2)]);
});
