/** @typedef {import("./measure.js").Measured} Measured */

/** A time with its unit. @param {number} ms */
export function time(ms) {
  if (ms >= 1000) return `${(ms / 1000).toPrecision(3)} s`;
  if (ms >= 1) return `${ms.toPrecision(3)} ms`;
  return ms >= 0.001 ? `${(ms * 1000).toPrecision(3)} us` : `${(ms * 1e6).toFixed(0)} ns`;
}

/** @param {number} value */
const factor = (value) => `x${value >= 100 ? value.toFixed(0) : value.toPrecision(2)}`;

/**
 * One suite's medians: a row for each case, a column for each size, the ratio of the last to the first.
 * @param {readonly Measured[]} measured @returns {string}
 */
export function table(measured) {
  const sizes = [...new Set(measured.map(({ size }) => size))];
  const rows = [header(sizes)];
  for (const name of new Set(measured.map((one) => one.name))) {
    const cells = sizes.map((size) => measured.find((one) => one.name === name && one.size === size));
    const [first, last] = [cells[0], cells.at(-1)];
    const ratio = first && last && first !== last && first.ms > 0 ? [factor(last.ms / first.ms)] : [];
    rows.push([name, ...cells.map((one) => (one === undefined ? "-" : time(one.ms))), ...ratio, counters(cells)]);
  }
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) => row.map((cell, i) => align(cell, widths[i] ?? 0, i, row.length)).join("  ")).join("\n");
}

/** @param {readonly (number | undefined)[]} sizes */
function header(sizes) {
  const names = sizes.map((size) => (size === undefined ? "median" : size.toLocaleString("en")));
  const ratio = sizes.length > 1 ? ["last/first"] : [];
  return ["", ...names, ...ratio, ""];
}

/** What was counted, for each size: `copied 63 / 95 / 98`. @param {readonly (Measured | undefined)[]} cells */
function counters(cells) {
  const names = Object.keys(cells[0]?.counts ?? {});
  return names.map((name) => `${name} ${cells.map((one) => amount(one?.counts[name])).join(" / ")}`).join(", ");
}

/** @param {number | undefined} count */
function amount(count) {
  if (count === undefined) return "-";
  return count >= 100 || Number.isInteger(count) ? count.toFixed(0) : count.toPrecision(2);
}

/** @param {string} cell @param {number} width @param {number} column @param {number} columns */
function align(cell, width, column, columns) {
  if (column === columns - 1) return cell;
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
