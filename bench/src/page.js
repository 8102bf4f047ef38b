import { readFileSync, writeFileSync } from "node:fs";

/**
 * Puts text between `<!-- mark -->` and `<!-- /mark -->` of a Markdown file.
 * @param {string} path @param {string} mark @param {string} text
 */
export function writePart(path, mark, text) {
  const page = readFileSync(path, "utf8");
  const [open, close] = [`<!-- ${mark} -->\n`, `<!-- /${mark} -->`];
  const [from, to] = [page.indexOf(open), page.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`${path} has no ${open.trim()} … ${close}`);
  writeFileSync(path, `${page.slice(0, from)}${open}\n${text.trim()}\n\n${page.slice(to)}`);
}
