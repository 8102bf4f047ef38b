import { MIDDLE, rect, text, ticksTo } from "../report/svg.js";

/** @typedef {import("./table.js").Line} Line */

const WIDTH = 860;
const TOP = 112;
/** Of the names of the ways. */
const NAMES = 204;
const RIGHT = 24;
/** Between two panels. */
const GAP = 30;
const BAR = 13;
/** Of both bars of a way, and the space to the next. */
const ROW = 2 * BAR + 14;
const UNTRACKED = { name: "nothing else tracks connections", colour: "#2f7a49" };
const TRACKED = { name: "the node tracks all connections", colour: "#a9d5b6" };

/** @type {readonly { readonly title: string, readonly better: string, readonly of: (line: Line) => number, readonly digits: number }[]} */
const PANELS = [
  { title: "Latency p50, µs", better: "shorter is better", of: ({ p50 }) => p50, digits: 1 },
  { title: "Connections per second", better: "longer is better", of: ({ connections }) => connections, digits: 0 },
  { title: "Throughput, Gbit/s", better: "longer is better", of: ({ gbit }) => gbit, digits: 1 },
];

/**
 * Latency, connections and throughput beside each other, two bars for each way, in the colours of a light card, which stands out from a dark
 * page. Axes are linear and begin at nothing: lengths compare as the figures do.
 *
 * @param {readonly Line[]} lines @returns {string} SVG
 */
export function chartOf(lines) {
  const ways = [...new Set(lines.map(({ way }) => way))];
  const bottom = TOP + ways.length * ROW;
  const height = bottom + 34;
  const width = (WIDTH - NAMES - RIGHT - GAP * (PANELS.length - 1)) / PANELS.length;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="12.5" fill="#222" role="img">`,
    "<title>Ways for a connection to reach a backend on the same node: latency, connections per second and throughput</title>",
    `<rect width="${WIDTH}" height="${height}" rx="10" fill="#fff"/>`,
    text(20, 28, "Ways to a backend on the same node, through the same Envoy", ' font-weight="bold" font-size="15"'),
    ...[UNTRACKED, TRACKED].flatMap(({ name, colour }, i) => {
      const x = 20 + i * 230;
      return [rect({ x, y: 42, width: 12, height: 12 }, colour), text(x + 18, 52.5, name)];
    }),
    ...ways.map((way, i) => text(NAMES - 10, TOP + i * ROW + BAR + 4, way, ' text-anchor="end"')),
    ...PANELS.flatMap(({ title, better, of, digits }, i) => {
      const left = NAMES + i * (width + GAP);
      const ticks = ticksTo(Math.max(...lines.map(of)));
      const x = (/** @type {number} */ value) => left + (width * value) / (ticks.at(-1) ?? 1);
      return [
        text(left, TOP - 30, title, ' font-weight="bold"'),
        text(left, TOP - 14, better, ' fill="#666" font-size="11.5"'),
        ...ticks
          .filter((_, n) => n % 2 === 0)
          .flatMap((tick) => [
            `<path d="M${x(tick).toFixed(1)},${TOP - 6} V${bottom}" stroke="#ddd"/>`,
            text(x(tick), bottom + 16, tick.toLocaleString("en"), `${MIDDLE} fill="#666" font-size="11"`),
          ]),
        ...lines.flatMap((line) => {
          const y = TOP + ways.indexOf(line.way) * ROW + (line.tracked ? BAR : 0);
          const value = of(line);
          return [
            rect({ x: left, y, width: x(value) - left, height: BAR - 1 }, (line.tracked ? TRACKED : UNTRACKED).colour),
            inside(x(value), left, y, value.toFixed(digits), line.tracked),
          ];
        }),
      ];
    }),
    "</svg>",
    "",
  ].join("\n");
}

/** A bar's figure, at its end: in it, or behind it if it is too short. @param {number} end @param {number} left @param {number} y @param {string} figure @param {boolean} light */
function inside(end, left, y, figure, light) {
  const fits = end - left > 7 * figure.length + 6;
  const colour = fits && !light ? "#fff" : "#222";
  return text(
    fits ? end - 4 : end + 4,
    y + 10,
    figure,
    ` fill="${colour}" font-size="11"${fits ? ' text-anchor="end"' : ""}`,
  );
}
