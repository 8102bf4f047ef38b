// Draws the memory of a mesh's Envoys from the table in docs/memory.md, as SVG: node docs/pictures/memory.mjs > docs/pictures/memory.svg
import { readFileSync } from "node:fs";

const page = readFileSync(new URL("../memory.md", import.meta.url), "utf8");
const table = page.split("<!-- table -->")[1]?.split("<!-- /table -->")[0] ?? "";
const cells = (line) =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
const [head = [], , ...rows] = table.trim().split("\n").map(cells);
const names = head.slice(1);
const groups = rows.map(([services, ...figures]) => ({
  services,
  values: figures.map((text) => Number.parseFloat(text)),
}));
if (groups.length === 0 || groups.some(({ values }) => values.some(Number.isNaN)))
  throw new Error("expected a table in docs/memory.md");

const WIDTH = 860;
const HEIGHT = 380;
const PLOT = { left: 66, right: 20, top: 66, bottom: 52 };
const COLOURS = ["#b0478a", "#e3a6cd", "#3c8a55", "#9fd0ae"];
/** Lines of the axis, in MB: it is logarithmic, since a hundred times as many services are to fit. */
const TICKS = [50, 100, 200, 500, 1000, 2000, 5000];

const most = Math.max(...groups.flatMap(({ values }) => values));
const ticks = TICKS.slice(0, TICKS.findIndex((tick) => tick >= most) + 1);
const [low, high] = [Math.log(ticks[0]), Math.log(ticks.at(-1))];
const height = HEIGHT - PLOT.top - PLOT.bottom;
const y = (mb) => PLOT.top + height * (1 - (Math.log(Math.max(mb, ticks[0])) - low) / (high - low));
const slot = (WIDTH - PLOT.left - PLOT.right) / groups.length;
const bar = (slot - 36) / names.length;

const text = (x, at, content, style = "") => `<text x="${x.toFixed(1)}" y="${at.toFixed(1)}"${style}>${content}</text>`;
const middle = ' text-anchor="middle"';

const lines = [
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="Helvetica, Arial, sans-serif" font-size="12.5" fill="#222" role="img">`,
  "<title>Memory of all Envoys of ten pods together, by topology, scope and number of services</title>",
  `<rect width="${WIDTH}" height="${HEIGHT}" rx="10" fill="#fff"/>`,
  text(PLOT.left, 26, "Memory (PSS) of all Envoys together, MB, logarithmic", ' font-weight="bold" font-size="15"'),
  ...names.flatMap((name, i) => [
    `<rect x="${PLOT.left + i * 165}" y="38" width="12" height="12" rx="2" fill="${COLOURS[i]}"/>`,
    text(PLOT.left + i * 165 + 18, 48.5, name),
  ]),
  ...ticks.flatMap((tick) => [
    `<path d="M${PLOT.left},${y(tick).toFixed(1)} H${WIDTH - PLOT.right}" stroke="#ddd"/>`,
    text(PLOT.left - 8, y(tick) + 4, tick, ' text-anchor="end"'),
  ]),
  ...groups.flatMap(({ services, values }, g) => [
    ...values.flatMap((value, i) => {
      const x = PLOT.left + g * slot + 18 + i * bar;
      return [
        `<rect x="${(x + 2).toFixed(1)}" y="${y(value).toFixed(1)}" width="${(bar - 4).toFixed(1)}" height="${(y(ticks[0]) - y(value)).toFixed(1)}" fill="${COLOURS[i]}"/>`,
        text(x + bar / 2, y(value) - 5, value, middle),
      ];
    }),
    text(PLOT.left + (g + 0.5) * slot, HEIGHT - PLOT.bottom + 22, `${services} services`, middle),
  ]),
  "</svg>",
  "",
];
process.stdout.write(lines.join("\n"));
