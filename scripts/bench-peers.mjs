// Measures rxds beside go-control-plane with one neutral harness, see bench/peers/README.md. Arguments go to the harness:
// `npm run bench:peers -- --quick`, `npm run bench:peers -- --reps 3 --out runs.jsonl gcp-linear rxds`.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { env, main, output, root, run, UserError } from "./run.mjs";

const SERVERS = ["gcp-linear", "gcp-snapshot", "rxds"];
const FLAGS_WITH_VALUE = /^--?(reps|only|out|slow-run|bin|conf)$/;
const OLDEST_GO = [1, 26];

function checkGo() {
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(output("go", ["version"])) ?? [];
  if (Number(major) > OLDEST_GO[0] || Number(minor) >= OLDEST_GO[1]) return;
  throw new UserError(
    `Go ${OLDEST_GO.join(".")} or newer is needed for the peer benchmarks, this is ${major}.${minor}`,
  );
}

/** Whether the arguments name servers, and not only flags with their values. */
const namesServers = (args) => args.some((arg, i) => !arg.startsWith("-") && !FLAGS_WITH_VALUE.test(args[i - 1] ?? ""));

await main(() => {
  if (process.platform !== "linux") {
    throw new UserError(
      "the peer benchmarks read the CPU clocks of other processes as Linux gives them: run them on Linux",
    );
  }
  checkGo();
  run(process.execPath, ["scripts/setup.mjs"]);
  run("tsc", ["-b"]);
  const bin = join(root, ".cache/peer-bench");
  mkdirSync(bin, { recursive: true });
  const args = process.argv.slice(2);
  const all = namesServers(args) ? args : [...args, ...SERVERS];
  run("sh", ["bench/peers/run.sh", ...all], { env: { ...env, PEER_BENCH_BIN: bin } });
});
