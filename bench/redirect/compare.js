// Usage: node bench/redirect/compare.js [--rounds 5] [--pings N] [--connections N] [--bursts N] [--json] [--write]
// Ways for a connection of a pod to reach a backend on the same node, all of them in one run, in turns. --write puts the figures into
// docs/redirect.md and draws its picture; --json prints them as the last line. Needs root.
import { cpus, release } from "node:os";
import { parseArgs } from "node:util";
import { TestkitError } from "@rxds/testkit";
import { takeCpu } from "./cpus.js";
import { resultsOf } from "./figures.js";
import { makeLab } from "./lab.js";
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

const rounds = count("rounds");
const load = { pings: count("pings"), connections: count("connections"), bursts: count("bursts") };
const ways = waysOf();
const lab = await makeLab(takeCpu());
/** By what the node does anyway: nothing, or track all connections. */
const turns = { untracked: noTurns(), tracked: noTurns() };
try {
  for (let round = 0; round < rounds; round++) {
    await play(turns.untracked);
    await track(lab.node, true);
    await play(turns.tracked);
    await track(lab.node, false);
  }
  const { version } = await lab.envoy.serverInfo();
  const machine = { kernel: release(), cpus: cpus().length, envoy: version.split("/")[1] ?? version };
  const result = { rounds, machine, ways: resultsOf(turns.untracked), waysWhereTracked: resultsOf(turns.tracked) };
  console.log(JSON.stringify(result));
} finally {
  await lab.close();
}

/** Each way once. @param {Record<string, Turn[]>} into */
async function play(into) {
  for (const way of ways) into[way.name] = [...(into[way.name] ?? []), await turn(lab, way, load)];
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
