// Usage: node bench/memory/main.js [--quick] [--json] [--write]
// How much memory the Envoys of a mesh take: unscoped and scoped sidecars, and one Envoy for the node. --write puts the figures into
// docs/memory.md and draws its picture; --json prints them as the last line; --quick takes fewer and smaller ones.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measure } from "./measure.js";
import { tableOf, VARIANTS } from "./table.js";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const sizes = values.quick ? [100] : [10, 100, 1000];
const pods = values.quick ? 3 : 10;

/** @type {import("./table.js").Row[]} */
const rows = [];
for (const services of sizes) {
  /** @type {Record<string, import("./measure.js").Result>} */
  const results = {};
  for (const [name, variant] of Object.entries(VARIANTS)) {
    results[name] = await measure({ ...variant, services, pods });
    console.log(
      `${services} services, ${name}: ${results[name].pss.toFixed(1)} MB PSS in ${results[name].proxies} Envoys`,
    );
  }
  rows.push({ services, results });
}
console.log(`\n${tableOf(rows)}\n`);
if (values.write) write();
if (values.json) console.log(JSON.stringify({ pods, rows }));

function write() {
  const page = fileURLToPath(new URL("../../docs/memory.md", import.meta.url));
  const text = readFileSync(page, "utf8");
  const part = /(<!-- table -->\n)[\s\S]*?(\n<!-- \/table -->)/;
  if (!part.test(text)) throw new Error(`expected <!-- table --> in ${page}`);
  writeFileSync(
    page,
    text.replace(part, (_, begin, end) => `${begin}${tableOf(rows)}${end}`),
  );
  const script = fileURLToPath(new URL("../../docs/pictures/memory.mjs", import.meta.url));
  writeFileSync(script.replace(/mjs$/, "svg"), execFileSync(process.execPath, [script]));
}
