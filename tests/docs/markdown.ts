import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A fenced block of code in a page. */
export interface CodeBlock {
  /** The page, below the root. */
  readonly page: string;
  /** The line of its first line of code, from 1. */
  readonly line: number;
  /** `"ts"`, `"sh"`, …; empty when it says none. */
  readonly language: string;
  /** Its text, with a line end after the last line. */
  readonly code: string;
}

/** Folders without pages of our own writing. */
const FOREIGN: ReadonlySet<string> = new Set(["api", "node_modules", "vendor", "dist", "gen", ".git", ".cache"]);

/** The project's pages, below the root. */
export function pages(folder = ""): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  const found = entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return FOREIGN.has(entry.name) ? [] : pages(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
  return found.sort();
}

/** The text of a file below the root. */
export function textOf(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** The fenced code blocks of a page. */
export function codeBlocks(page: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { line: number; language: string; indent: number; code: string[] } | undefined;
  for (const [i, line] of textOf(page).split("\n").entries()) {
    const fence = /^( *)```(.*)$/.exec(line);
    if (fence === null) open?.code.push(line.slice(open.indent));
    else if (open === undefined) open = { line: i + 2, language: fence[2]!.trim(), indent: fence[1]!.length, code: [] };
    else {
      blocks.push({ page, line: open.line, language: open.language, code: `${open.code.join("\n")}\n` });
      open = undefined;
    }
  }
  return blocks;
}
