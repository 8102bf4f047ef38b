// What a redirect of many entries costs in this machine's kernel: `npm run bench:ebpf -- --entries 100000 --json`. Needs root; the
// last line is the result.
import { join } from "node:path";
import { main, root, run, UserError } from "./run.mjs";

await main(() => {
  if (process.getuid?.() !== 0) throw new UserError("eBPF maps are measured in the kernel: run this as root on Linux");
  run(process.execPath, ["scripts/setup.mjs", "--build"]);
  run(process.execPath, [join(root, "bench/redirect/sink.js"), ...process.argv.slice(2)]);
});
