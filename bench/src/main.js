// Usage: node src/main.js [--quick] [--only REGEXP] [--write FILE]     prints medians and judges nothing
// --write also puts them into a Markdown file: medians between <!-- parts --> and <!-- /parts -->, many streams between
// <!-- scale --> and <!-- /scale -->.
import { parseArgs } from "node:util";
import { forget } from "./data.js";
import { measure } from "./measure.js";
import { writePart } from "./page.js";
import { scale } from "./scale/scale.js";
import { commit } from "./suites/commit.js";
import { encode } from "./suites/encode.js";
import { fanOut } from "./suites/fan-out.js";
import { mesh } from "./suites/mesh.js";
import { snapshot } from "./suites/snapshot.js";
import { table } from "./table.js";

const SIZES = [1_000, 10_000, 100_000];

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    write: { type: "string" },
  },
});
const only = new RegExp(values.only);
/** Of each case, in ms. */
const budget = values.quick ? 60 : 1000;

// First, because resident memory only tells something in a young process.
if (only.test("scale")) {
  const size = values.quick ? { streams: 600, stalled: 100, rounds: 3 } : { streams: 10_000, stalled: 500, rounds: 7 };
  report("scale", `scale\n${await scale(size)}\n\nNode ${process.version}`);
}

const started = performance.now();
const suites = [encode, snapshot, commit, fanOut, mesh].filter(({ name }) => only.test(name));
/** @type {Map<string, import("./measure.js").Measured[]>} */
const results = new Map(suites.map(({ name }) => [name, []]));
for (const size of SIZES) {
  for (const suite of suites) {
    if (suite.once && size !== SIZES[0]) continue;
    for (const one of await suite.cases(size)) results.get(suite.name)?.push(...(await measure(one, budget)));
  }
  forget();
}
const seconds = ((performance.now() - started) / 1000).toFixed(0);
if (suites.length > 0) report("parts", partsOf());

/** @param {string} part @param {string} text */
function report(part, text) {
  console.log(`${text}\n`);
  if (values.write !== undefined) writePart(values.write, part, `\`\`\`text\n${text}\n\`\`\``);
}

function partsOf() {
  const tables = [...results].map(([name, measured]) => `${name}\n${table(measured)}`);
  return `${tables.join("\n\n")}\n\nNode ${process.version}, ${seconds} s; sizes are clusters, and as many load assignments of ten endpoints`;
}
