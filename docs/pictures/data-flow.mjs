// Draws the way of the data, as SVG: node docs/pictures/data-flow.mjs > docs/pictures/data-flow.svg
const WIDTH = 1000;
const HEIGHT = 262;
const BOX = { width: 140, height: 74 };
const GAP = 28;
const TOP = 44;

const forth = [
  ["Your code", "snapshots: a stream", "(RxJS), or a store", "you"],
  ["Store", "checks, diffs,", "commits changes", "rxds"],
  ["View", "what a node", "may see", "rxds"],
  ["Subscription", "what a stream", "has asked for", "rxds"],
  ["Send loop", "order and pace;", "bodies are shared", "rxds"],
  ["Envoy", "any number,", "delta or sotw", "envoy"],
];
const fills = { you: "#e8f0fe", rxds: "#e6f4ea", envoy: "#fce8f3" };
const strokes = { you: "#4a72c4", rxds: "#3c8a55", envoy: "#b0478a" };

const left = (i) => 10 + i * (BOX.width + GAP);
const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const text = (x, y, content, style = "") =>
  `<text x="${x}" y="${y}" text-anchor="middle"${style}>${escaped(content)}</text>`;

function box([title, first, second, kind], x, y) {
  const middle = x + BOX.width / 2;
  return [
    `<rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="8" fill="${fills[kind]}" stroke="${strokes[kind]}"/>`,
    text(middle, y + 24, title, ' font-weight="bold" font-size="15"'),
    text(middle, y + 45, first),
    text(middle, y + 62, second),
  ];
}

const arrow = (path) => `<path d="${path}" fill="none" stroke="#555" stroke-width="1.5" marker-end="url(#tip)"/>`;

const middleOf = (i) => left(i) + BOX.width / 2;
const bottom = TOP + BOX.height;
const status = { x: left(1), y: 186, width: left(4) + BOX.width - left(1), height: 58 };
const statusMiddle = status.y + status.height / 2;

const lines = [
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="Helvetica, Arial, sans-serif" font-size="12.5" fill="#222" role="img">`,
  "<title>The way of the data: snapshots from your code become diffs, diffs become responses, answers become status</title>",
  '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#555"/></marker></defs>',
  `<rect width="${WIDTH}" height="${HEIGHT}" rx="10" fill="#fff"/>`,
  text(
    left(1) + (left(4) + BOX.width - left(1)) / 2,
    26,
    "rxds: only what changed goes on to the next step",
    ' fill="#3c8a55" font-weight="bold"',
  ),
  ...forth.flatMap((one, i) => box(one, left(i), TOP)),
  ...forth.slice(1).map((_, i) => arrow(`M${left(i) + BOX.width + 2},${TOP + BOX.height / 2} H${left(i + 1) - 3}`)),
  `<rect x="${status.x}" y="${status.y}" width="${status.width}" height="${status.height}" rx="8" fill="${fills.rxds}" stroke="${strokes.rxds}"/>`,
  text(status.x + status.width / 2, status.y + 24, "Status and events", ' font-weight="bold" font-size="15"'),
  text(
    status.x + status.width / 2,
    status.y + 44,
    "requested, sent, accepted, rejected, held back: for each stream and type",
  ),
  arrow(`M${middleOf(5)},${bottom + 2} V${statusMiddle} H${status.x + status.width + 3}`),
  arrow(`M${status.x - 2},${statusMiddle} H${middleOf(0)} V${bottom + 3}`),
  arrow(`M${middleOf(3)},${status.y - 2} V${bottom + 3}`),
  text(middleOf(5), statusMiddle + 22, "requests, ACK, NACK"),
  text(middleOf(0) + 8, statusMiddle + 22, "events$, clients(),"),
  text(middleOf(0) + 8, statusMiddle + 38, "converged(), holds()"),
  text(middleOf(3) + 62, (bottom + status.y) / 2 + 5, "names, nonces"),
  "</svg>",
];

process.stdout.write(`${lines.join("\n")}\n`);
