// Draws the memory of a mesh's Envoys from the table in docs/memory.md, as SVG: node docs/pictures/memory.mjs > docs/pictures/memory.svg
import { readFileSync } from "node:fs";
import { chartOf } from "../../bench/memory/chart.js";
import { linesOf } from "../../bench/memory/table.js";

process.stdout.write(chartOf(linesOf(readFileSync(new URL("../memory.md", import.meta.url), "utf8"))));
