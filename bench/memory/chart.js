import { MIDDLE, rect, text, ticksTo } from "../report/svg.js";

/** @typedef {import("./table.js").Line} Line */

const WIDTH = 860;
const HEIGHT = 400;
const PLOT = { left: 66, right: 20, top: 88, bottom: 48 };
const COLOURS = ["#b0478a", "#e08fc0", "#2f7a49", "#7fc096"];
const FILES = "#9aa3ad";
/** Between two groups of bars. */
const GAP = 36;

/**
 * The PSS of all Envoys as bars, a group for each number of services, in the colours of a light card, which stands out from a dark
 * page. The axis is linear and begins at nothing: lengths, and the parts of a bar, compare as the figures do.
 * @param {readonly Line[]} lines @returns {string} SVG
 */
export function chartOf(lines) {
  const variants = [...new Set(lines.map(({ variant }) => variant))];
  const sizes = [...new Set(lines.map(({ services }) => services))];
  const ticks = ticksTo(Math.max(...lines.map(({ pss }) => pss)));
  const height = HEIGHT - PLOT.top - PLOT.bottom;
  const y = (/** @type {number} */ mb) => PLOT.top + height * (1 - mb / (ticks.at(-1) ?? 1));
  const slot = (WIDTH - PLOT.left - PLOT.right) / sizes.length;
  const width = (slot - GAP) / variants.length;
  const keys = [...variants.map((name, i) => ({ name, colour: COLOURS[i % COLOURS.length] ?? FILES })), FILES_KEY];

  const bars = lines.flatMap(({ services, variant, pss, files }) => {
    const at = variants.indexOf(variant);
    const x = PLOT.left + sizes.indexOf(services) * slot + GAP / 2 + at * width;
    return [
      rect({ x: x + 3, y: y(files), width: width - 6, height: y(0) - y(files) }, FILES),
      rect({ x: x + 3, y: y(pss), width: width - 6, height: y(files) - y(pss) }, keys[at]?.colour ?? FILES),
      text(x + width / 2, y(pss) - 5, String(pss), MIDDLE),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="Helvetica, Arial, sans-serif" font-size="12.5" fill="#222" role="img">`,
    "<title>Memory of all Envoys of ten pods together, by topology, scope and number of services</title>",
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="10" fill="#fff"/>`,
    text(PLOT.left, 28, "Memory (PSS) of all Envoys together, MB", ' font-weight="bold" font-size="15"'),
    ...keys.flatMap(({ name, colour }, i) => {
      const x = PLOT.left + i * 156;
      return [rect({ x, y: 42, width: 12, height: 12 }, colour), text(x + 18, 52.5, name)];
    }),
    ...ticks.flatMap((tick) => [
      `<path d="M${PLOT.left},${y(tick).toFixed(1)} H${WIDTH - PLOT.right}" stroke="#ddd"/>`,
      text(PLOT.left - 8, y(tick) + 4, String(tick), ' text-anchor="end"'),
    ]),
    ...bars,
    ...sizes.map((size, i) =>
      text(PLOT.left + (i + 0.5) * slot, HEIGHT - PLOT.bottom + 24, `${size.toLocaleString("en")} services`, MIDDLE),
    ),
    "</svg>",
    "",
  ].join("\n");
}

const FILES_KEY = { name: "of it, pages of files", colour: FILES };
