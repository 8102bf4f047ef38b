// Draws the ways to a backend from the table in docs/redirect.md, as SVG: node docs/pictures/redirect.mjs > docs/pictures/redirect.svg
import { readFileSync } from "node:fs";
import { chartOf } from "../../bench/redirect/chart.js";
import { linesOf } from "../../bench/redirect/table.js";

process.stdout.write(chartOf(linesOf(readFileSync(new URL("../redirect.md", import.meta.url), "utf8"))));
