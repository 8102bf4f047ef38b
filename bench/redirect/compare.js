// Usage: node bench/redirect/compare.js [--rounds 5] [--pings N] [--connections N] [--bursts N] [--json] [--write]
// Ways for a connection of a pod to reach a backend on the same node, all of them in one run, in turns. --write puts the figures into
// docs/redirect.md and draws its picture; --json prints them as the last line. Needs root.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { TestkitError } from "@rxds/testkit";
import { withTable } from "../report/page.js";
import { takeCpu } from "./cpus.js";
import { resultsOf } from "./figures.js";
import { makeLab } from "./lab.js";
import { tableOf } from "./table.js";
import { track } from "./tracking.js";
import { turn, waysOf } from "./ways.js";

/** @typedef {import("./figures.js").Turn} Turn */

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    pings: { type: "string", default: "8000" },
    connections: { type: "string", default: "1500" },
    bursts: { type: "string", default: "32" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

try {
  const rounds = count("rounds");
  const report = await measured(rounds, {
    pings: count("pings"),
    connections: count("connections"),
    bursts: count("bursts"),
  });
  console.log(`\n${tableOf(report)}\n`);
  if (values.write) write(tableOf(report));
  if (values.json) console.log(JSON.stringify(report));
} catch (error) {
  console.error(error instanceof TestkitError ? `error: ${error.message}` : error);
  process.exitCode = 1;
}

/** @param {number} rounds @param {import("./lab.js").Load} load @returns {Promise<import("./table.js").Report>} */
async function measured(rounds, load) {
  const ways = waysOf();
  const lab = await makeLab(takeCpu());
  try {
    const untracked = noTurns();
    const tracked = noTurns();
    /** Each way once. @param {Record<string, Turn[]>} into */
    const play = async (into) => {
      for (const way of ways) into[way.name] = [...(into[way.name] ?? []), await turn(lab, way, load)];
    };
    for (let round = 1; round <= rounds; round++) {
      await play(untracked);
      await track(lab.node, true);
      await play(tracked);
      await track(lab.node, false);
      console.log(`round ${round} of ${rounds}`);
    }
    const { version } = await lab.envoy.serverInfo();
    const machine = { kernel: release(), cpus: cpus().length, envoy: version.split("/")[1] ?? version };
    return { rounds, machine, ways: resultsOf(untracked, ways), waysWhereTracked: resultsOf(tracked, ways) };
  } finally {
    await lab.close();
  }
}

/** @returns {Record<string, Turn[]>} */
function noTurns() {
  return {};
}

/** @param {"rounds" | "pings" | "connections" | "bursts"} name */
function count(name) {
  const n = Number(values[name]);
  if (Number.isInteger(n) && n > 0) return n;
  throw new TestkitError("invalid-argument", `expected --${name} to be a whole number above 0, not ${values[name]}`);
}

/** @param {string} table */
function write(table) {
  const page = fileURLToPath(new URL("../../docs/redirect.md", import.meta.url));
  writeFileSync(page, withTable(readFileSync(page, "utf8"), table));
  const script = fileURLToPath(new URL("../../docs/pictures/redirect.mjs", import.meta.url));
  writeFileSync(script.replace(/mjs$/, "svg"), execFileSync(process.execPath, [script]));
}
