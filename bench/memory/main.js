// Usage: node bench/memory/main.js [--quick] [--json] [--write]
// How much memory the Envoys of a mesh take: unscoped and scoped sidecars, and one Envoy for the node. --write puts the figures into
// docs/memory.md and draws its picture; --json prints them as the last line; --quick takes fewer and smaller ones, which are not written.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { TestkitError } from "@rxds/testkit";
import { withTable } from "../report/page.js";
import { measure } from "./measure.js";
import { tableOf, VARIANTS } from "./table.js";

/**
 * @typedef {object} Plan
 * @property {readonly number[]} sizes Numbers of services.
 * @property {number} pods
 * @property {number} restMs How long memory stays the same that is at rest. Envoy flushes its stats every 5 s.
 */

/** @type {Plan} */
const FULL = { sizes: [10, 100, 1000], pods: 10, restMs: 6000 };
/** @type {Plan} */
const QUICK = { sizes: [10, 100], pods: 3, restMs: 500 };

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

try {
  if (values.quick && values.write) throw new TestkitError("invalid-argument", "what --quick measures is not written");
  const plan = values.quick ? QUICK : FULL;
  const rows = await rowsOf(plan);
  console.log(`\n${tableOf(rows)}\n`);
  if (values.write) write(rows);
  if (values.json) console.log(JSON.stringify({ pods: plan.pods, rows }));
} catch (error) {
  console.error(error instanceof TestkitError ? `error: ${error.message}` : error);
  process.exitCode = 1;
}

/** @param {Plan} plan */
async function rowsOf({ sizes, pods, restMs }) {
  // Pages of Envoy's file that are in memory are mapped together with those that are used. All that is measured is to find the same.
  await measure({ ...VARIANTS["sidecars, unscoped"], services: Math.max(...sizes), pods: 1, restMs });
  /** @type {import("./table.js").Row[]} */
  const rows = [];
  for (const services of sizes) {
    /** @type {Record<string, import("./measure.js").Result>} */
    const results = {};
    for (const [name, variant] of Object.entries(VARIANTS)) {
      const result = await measure({ ...variant, services, pods, restMs });
      results[name] = result;
      console.log(`${services} services, ${name}: ${result.pss.toFixed(1)} MB PSS in ${result.proxies} Envoys`);
    }
    rows.push({ services, results });
  }
  return rows;
}

/** @param {readonly import("./table.js").Row[]} rows */
function write(rows) {
  const page = fileURLToPath(new URL("../../docs/memory.md", import.meta.url));
  writeFileSync(page, withTable(readFileSync(page, "utf8"), tableOf(rows)));
  const script = fileURLToPath(new URL("../../docs/pictures/memory.mjs", import.meta.url));
  writeFileSync(script.replace(/mjs$/, "svg"), execFileSync(process.execPath, [script]));
}
