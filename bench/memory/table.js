import { line, rowsIn } from "../report/page.js";

/**
 * @typedef {import("./measure.js").Result} Result
 * @typedef {object} Row
 * @property {number} services
 * @property {Readonly<Record<string, Result>>} results By variant.
 *
 * @typedef {object} Line What a line of the table says of a variant, in MB.
 * @property {number} services
 * @property {string} variant
 * @property {number} pss
 * @property {number} files What of `pss` is pages of files.
 */

/** What is measured, in the order of the table. The first is what the others are compared with. */
export const VARIANTS = /** @type {const} */ ({
  "sidecars, unscoped": { topology: "sidecar", scoped: false },
  "sidecars, scoped": { topology: "sidecar", scoped: true },
  "node, unscoped": { topology: "node", scoped: false },
  "node, scoped": { topology: "node", scoped: true },
});

const HEAD = ["services", "variant", "Envoys", "PSS", "ratio", "for each", "of PSS, files", "RSS", "allocated"];

/** The figures as a Markdown table, in MB, from which the picture is drawn too. @param {readonly Row[]} rows */
export function tableOf(rows) {
  const lines = rows.flatMap(({ services, results }) => {
    const first = Object.values(results)[0];
    return Object.entries(results).map(([variant, { proxies, pss, files, rss, allocated }]) => [
      String(services),
      variant,
      String(proxies),
      pss.toFixed(0),
      (pss / (first?.pss ?? pss)).toFixed(2),
      (pss / proxies).toFixed(1),
      files.toFixed(0),
      rss.toFixed(0),
      allocated.toFixed(0),
    ]);
  });
  const rule = HEAD.map((name) => (name === "variant" ? "---" : "---:"));
  return [HEAD, rule, ...lines].map(line).join("\n");
}

/** What the table in a page says. Throws when there is none, or what is in it is no number. @param {string} page @returns {Line[]} */
export function linesOf(page) {
  return rowsIn(page, HEAD).map((cells) => {
    /** @param {string} name */
    const text = (name) => cells[HEAD.indexOf(name)] ?? "";
    /** @param {string} name */
    const number = (name) => {
      if (!/^\d+$/.test(text(name))) throw new Error(`expected a number, not "${text(name)}", in ${line(cells)}`);
      return Number(text(name));
    };
    return {
      services: number("services"),
      variant: text("variant"),
      pss: number("PSS"),
      files: number("of PSS, files"),
    };
  });
}
