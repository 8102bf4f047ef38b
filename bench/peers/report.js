// Turns runs of the peer benchmarks into Markdown tables.
// Usage: node report.js [--write FILE] RUNS.jsonl...    RUNS.jsonl: what benchrun wrote with --out; several are put together.
// Without --write the tables are printed; with it they replace what is between <!-- figures --> and <!-- /figures --> in the file.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { writePart } from "../src/page.js";
import { sections } from "./report/sections.js";
import { figures, parseRuns } from "./report/tables.js";

const { values, positionals } = parseArgs({ options: { write: { type: "string" } }, allowPositionals: true });
if (positionals.length === 0) {
  console.error("usage: node report.js [--write FILE] RUNS.jsonl...");
  process.exit(2);
}
const text = figures(sections, parseRuns(positionals.map((path) => readFileSync(path, "utf8")).join("\n")));
if (values.write === undefined) console.log(text);
else writePart(values.write, "figures", text);
