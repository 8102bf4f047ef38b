import { expect, test } from "vitest";
import { withTable } from "../report/page.js";
import { linesOf, tableOf } from "./table.js";

const rows = [
  {
    services: 100,
    results: {
      "sidecars, unscoped": { proxies: 10, clusters: 1020, pss: 358.4, files: 57.3, rss: 870, allocated: 194.6 },
      "node, unscoped": { proxies: 1, clusters: 101, pss: 86.1, files: 55.8, rss: 88, allocated: 19.4 },
    },
  },
];

const page = (table: string) => `# Title\n\n<!-- table -->\n${table}\n<!-- /table -->\n\nText | of | a page.\n`;

test("a line for each variant, with its ratio to the first and what each Envoy takes", () => {
  expect(tableOf(rows).split("\n").slice(2)).toEqual([
    "| 100 | sidecars, unscoped | 10 | 358 | 1.00 | 35.8 | 57 | 870 | 195 |",
    "| 100 | node, unscoped | 1 | 86 | 0.24 | 86.1 | 56 | 88 | 19 |",
  ]);
});

test("what is read from a page is what was put into it, and nothing else of the page changes", () => {
  const written = withTable(page("| an | old | table |"), tableOf(rows));
  expect(written).toBe(page(tableOf(rows)));
  expect(linesOf(written)).toEqual([
    { services: 100, variant: "sidecars, unscoped", pss: 358, files: 57 },
    { services: 100, variant: "node, unscoped", pss: 86, files: 56 },
  ]);
});

test("a page without a place for the table, or without the table, is refused", () => {
  expect(() => withTable("# Title\n", tableOf(rows))).toThrow("expected <!-- table -->");
  expect(() => linesOf("# Title\n")).toThrow("expected the table of the report");
  expect(() => linesOf(page("| an | old | table |"))).toThrow("expected the table of the report");
  expect(() => linesOf(page(tableOf([])))).toThrow("expected the table of the report");
  expect(() => linesOf(page(tableOf(rows).replace("| 358 |", "| many |")))).toThrow('not "many"');
});
