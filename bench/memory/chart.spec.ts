import { expect, test } from "vitest";
import { chartOf } from "./chart.js";

const lines = [
  { services: 10, variant: "sidecars", pss: 200, files: 50 },
  { services: 10, variant: "node", pss: 100, files: 50 },
  { services: 1000, variant: "sidecars", pss: 1600, files: 50 },
  { services: 1000, variant: "node", pss: 400, files: 50 },
];

/** The bars of the picture: pairs of boxes, the lower for files. The card, and the boxes of the legend, are no bars. */
function barsIn(svg: string): { readonly x: number; readonly y: number; readonly height: number }[] {
  const boxes = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)];
  return boxes
    .map((one) => one.slice(1).map(Number))
    .flatMap(([x, y, width, height]) => (width === 12 ? [] : [{ x: x!, y: y!, height: height! }]));
}

test("lengths compare as the figures do, and the parts of a bar add up", () => {
  const bars = barsIn(chartOf(lines));
  expect(bars).toHaveLength(2 * lines.length);
  const lengths = lines.map((_, i) => bars[2 * i]!.height + bars[2 * i + 1]!.height);
  for (const [i, { pss, files }] of lines.entries()) {
    expect(lengths[i]! / lengths[2]!).toBeCloseTo(pss / 1600, 2);
    expect(bars[2 * i]!.height / lengths[i]!).toBeCloseTo(files / pss, 1);
    // The upper part ends where the lower begins.
    expect(bars[2 * i + 1]!.y + bars[2 * i + 1]!.height).toBeCloseTo(bars[2 * i]!.y, 0);
  }
});

test("bars stand side by side, and all of them inside the picture", () => {
  const bars = barsIn(chartOf(lines)).filter((_, i) => i % 2 === 0);
  const xs = bars.map(({ x }) => x);
  expect(xs).toEqual([...xs].sort((a, b) => a - b));
  expect(new Set(xs).size).toBe(lines.length);
  expect(Math.max(...xs)).toBeLessThan(860);
});

test("every figure, variant and number of services is written", () => {
  const svg = chartOf(lines);
  for (const word of ["200", "100", "1600", "400", "sidecars", "node", "10 services", "1,000 services"])
    expect(svg).toContain(`>${word}</text>`);
});
