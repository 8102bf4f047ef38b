// Pages that have the table of a report between marks.

/** The table in a page, between its marks. */
const PART = /(<!-- table -->\n)([\s\S]*?)(\n<!-- \/table -->)/;

/** A line of a Markdown table. @param {readonly string[]} cells */
export const line = (cells) => `| ${cells.join(" | ")} |`;

/** A page with another table, and what else is between its marks. Throws when it has no place for one. @param {string} page @param {string} table */
export function withTable(page, table) {
  if (!PART.test(page)) throw new Error("expected <!-- table --> and <!-- /table --> in the page");
  return page.replace(PART, (_, begin, __, end) => `${begin}${table}${end}`);
}

/** The cells of the table in a page, line by line, without its head. Throws when the page has no table with that head. @param {string} page @param {readonly string[]} wanted */
export function rowsIn(page, wanted) {
  const lines = (PART.exec(page)?.[2] ?? "").split("\n").filter((text) => text.startsWith("|"));
  const [head = [], , ...rows] = lines.map(cellsOf);
  if (head.join() !== wanted.join() || rows.length === 0)
    throw new Error("expected the table of the report in the page");
  return rows;
}

/** @param {string} text */
function cellsOf(text) {
  return text
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}
