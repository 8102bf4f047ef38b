/**
 * @typedef {import("./sections.js").Section} Section
 * @typedef {import("./sections.js").Column} Column
 *
 * @typedef {object} Run One line that benchrun wrote.
 * @property {string} scenario
 * @property {string} server
 * @property {any} result
 */

/** @param {string} text JSON lines @returns {readonly Run[]} */
export function parseRuns(text) {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** All tables: medians, and in brackets the ratio to the first server; ours stands last. @param {readonly Section[]} sections @param {readonly Run[]} runs */
export function figures(sections, runs) {
  const last = (/** @type {string} */ server) => (server === "rxds" ? 1 : 0);
  const servers = [...new Set(runs.map(({ server }) => server))].sort((a, b) => last(a) - last(b));
  const parts = sections.map((section) => sectionText(section, runs, servers)).filter((part) => part !== "");
  return `${parts.join("\n")}\nMedians of ${counts(runs, servers)}; xN: the value divided by that of ${servers[0]}.\n`;
}

/** @param {readonly Run[]} runs @param {readonly string[]} servers */
function counts(runs, servers) {
  const each = servers.map((server) => {
    /** @type {Map<string, number>} */
    const of = new Map();
    for (const run of runs) if (run.server === server) of.set(run.scenario, (of.get(run.scenario) ?? 0) + 1);
    const [least, most] = [Math.min(...of.values()), Math.max(...of.values())];
    return `${server} ${least === most ? most : `${least} to ${most}`}`;
  });
  return `so many runs of each scenario: ${each.join(", ")}`;
}

/** @param {Section} section @param {readonly Run[]} runs @param {readonly string[]} servers */
function sectionText({ title, rows, columns }, runs, servers) {
  const measured = rows.filter(({ scenario }) => runs.some((run) => run.scenario === scenario));
  if (measured.length === 0) return "";
  const lines = [
    `### ${title}`,
    "",
    `| | | ${servers.join(" | ")} |`,
    `|---|---|${servers.map(() => "---:|").join("")}`,
  ];
  for (const { scenario, what } of measured) {
    columns.forEach((column, i) => {
      const name = i === 0 ? `${what} (\`${scenario}\`)` : "";
      lines.push(`| ${name} | ${column.title} | ${cells(column, scenario, runs, servers).join(" | ")} |`);
    });
  }
  return `${lines.join("\n")}\n`;
}

/** @param {Column} column @param {string} scenario @param {readonly Run[]} runs @param {readonly string[]} servers */
function cells({ path, unit }, scenario, runs, servers) {
  /** @type {number | undefined} */
  let base;
  return servers.map((server, i) => {
    const mine = runs.filter((run) => run.scenario === scenario && run.server === server);
    const good = mine.filter(({ result }) => result.ok);
    const value = median(good.flatMap(({ result }) => valueAt(result, path) ?? []));
    if (value === undefined) return mine.length > good.length ? failure(mine) : "-";
    if (i === 0) base = value;
    const ratio = i > 0 && base ? ` (x${digits(value / base)})` : "";
    return `${amount(value, unit)}${ratio}`;
  });
}

/** Why a scenario failed, in a word: it is no figure. @param {readonly Run[]} runs */
function failure(runs) {
  const errors = Object.keys(runs.find(({ result }) => !result.ok)?.result.errors ?? {}).join("; ");
  return /did not see it|initial state incomplete/.test(errors) ? "never sent" : "failed";
}

/**
 * The number at a path; `A/B`: the quotient of two fields of the same object.
 * @param {any} result @param {string} path @returns {number | undefined}
 */
function valueAt(result, path) {
  const [head = "", field] = path.split(".");
  if (field === undefined) return result[head];
  const name = head.startsWith("phase:") ? head.slice("phase:".length) : undefined;
  const found =
    name === undefined ? result[head] : result.phases?.find((/** @type {any} */ phase) => phase.name === name);
  const [above = "", below] = field.split("/");
  return below === undefined ? found?.[above] : found && found[above] / found[below];
}

/** @param {readonly number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** Thousands of a unit as the next one. @type {Readonly<Record<string, string>>} */
const NEXT = { us: "ms", ms: "s", KB: "MB", B: "KB" };

/** A number with its unit. @param {number} value @param {string} unit @returns {string} */
function amount(value, unit) {
  if (value >= 1000 && NEXT[unit] !== undefined) return amount(value / 1000, NEXT[unit]);
  return unit === "" ? digits(value) : `${digits(value)} ${unit}`;
}

/** Two significant digits, and all before the point. @param {number} value */
function digits(value) {
  return value >= 99.5 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(2);
}
