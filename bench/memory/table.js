/**
 * @typedef {import("./measure.js").Result} Result
 * @typedef {object} Row
 * @property {number} services
 * @property {Readonly<Record<string, Result>>} results By variant.
 */

/** What is measured, in the order of the table. */
export const VARIANTS = /** @type {const} */ ({
  "sidecars, unscoped": { topology: "sidecar", scoped: false },
  "sidecars, scoped": { topology: "sidecar", scoped: true },
  "node, unscoped": { topology: "node", scoped: false },
  "node, scoped": { topology: "node", scoped: true },
});

/** The figures as a Markdown table, from which the picture is drawn too. @param {readonly Row[]} rows */
export function tableOf(rows) {
  const names = Object.keys(VARIANTS);
  const cell = (/** @type {Result} */ { proxies, pss }, /** @type {Result} */ first) =>
    `${pss.toFixed(0)} MB (${proxies} × ${(pss / proxies).toFixed(1)}, ${(pss / first.pss).toFixed(2)})`;
  const lines = rows.map(({ services, results }) => {
    const cells = names.map((name) =>
      cell(/** @type {Result} */ (results[name]), /** @type {Result} */ (results[names[0] ?? ""])),
    );
    return `| ${services} | ${cells.join(" | ")} |`;
  });
  return [`| services | ${names.join(" | ")} |`, `|---|${names.map(() => "---|").join("")}`, ...lines].join("\n");
}
