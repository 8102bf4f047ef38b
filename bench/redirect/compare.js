// Usage: node bench/redirect/compare.js [--rounds 5] [--pings N] [--connections N] [--bursts N] [--json] [--write]
// Ways for a connection of a pod to reach a backend on the same node, all of them in one run, in turns. --write puts the figures into
// docs/redirect.md and draws its picture; --json prints them as the last line. Needs root.
import { release } from "node:os";
import { parseArgs } from "node:util";
import { TestkitError } from "@rxds/testkit";
import { takeCpu } from "./cpus.js";
import { resultsOf } from "./figures.js";
import { makeLab } from "./lab.js";
import { turn, waysOf } from "./ways.js";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    pings: { type: "string", default: "5000" },
    connections: { type: "string", default: "1000" },
    bursts: { type: "string", default: "32" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

const rounds = count("rounds");
const load = { pings: count("pings"), connections: count("connections"), bursts: count("bursts") };
const ways = waysOf();
const lab = await makeLab(takeCpu());
/** @type {Record<string, import("./figures.js").Turn[]>} */
const turns = {};
try {
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      const one = await turn(lab, way, load);
      turns[way.name] = [...(turns[way.name] ?? []), one];
      if (!values.json) console.log(round, way.name, JSON.stringify(one.figures));
    }
  }
} finally {
  await lab.close();
}
const results = resultsOf(turns);
console.log(JSON.stringify({ rounds, ways: results }));

/** @param {"rounds" | "pings" | "connections" | "bursts"} name */
function count(name) {
  const n = Number(values[name]);
  if (Number.isInteger(n) && n > 0) return n;
  throw new TestkitError("invalid-argument", `expected --${name} to be a whole number above 0, not ${values[name]}`);
}
