import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { build } from "../examples/program.js";
import { type CodeBlock, codeBlocks, pages, root, textOf } from "./markdown.js";

// What people copy. CONTRIBUTING.md shows fragments of our own files.
const blocks = pages()
  .filter((page) => page !== "CONTRIBUTING.md")
  .flatMap((page) => codeBlocks(page).filter(({ language }) => language === "ts"));
const tsc = join(root, "node_modules/.bin/tsc");
/** Must be found wrong, else the others would not be either. */
const WRONG = "wrong.ts";

let folder = "";
let errors: readonly string[] = [];

beforeAll(() => {
  build("packages/rxds", "packages/client", "packages/mesh", "packages/agent", "packages/testkit");
  mkdirSync(join(root, ".cache"), { recursive: true });
  folder = mkdtempSync(join(root, ".cache/snippets-"));
  // What a user has installed.
  symlinkSync(join(root, "tests/node_modules"), join(folder, "node_modules"));
  const compilerOptions = { noEmit: true, composite: false, customConditions: [], types: ["node"] };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: "../../tsconfig.base.json", compilerOptions, include: ["*.ts"] }),
  );
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  // Empty lines before: an error tells the line of the page.
  for (const block of blocks) writeFileSync(join(folder, fileOf(block)), "\n".repeat(block.line - 1) + block.code);
  writeFileSync(join(folder, WRONG), 'import { edsCluster } from "rxds";\nedsCluster({ nam: "echo" });\n');
  errors = spawnSync(tsc, ["-p", ".", "--pretty", "false"], { cwd: folder, encoding: "utf8" }).stdout.split("\n");
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each block is a module of its own: `README.md.31.ts`. */
function fileOf({ page, line }: CodeBlock): string {
  return `${page.replaceAll("/", "-")}.${line}.ts`;
}

const errorsOf = (file: string) => errors.filter((error) => error.startsWith(`${file}(`));

test.each(blocks.map((block) => [`${block.page}:${block.line}`, block] as const))(
  "%s compiles as it stands",
  (_, block) => {
    // Without an export or import a file is no module, and its names would clash with those of others.
    expect(block.code).toMatch(/^import /m);
    expect(errorsOf(fileOf(block))).toEqual([]);
  },
);

test("a wrong block is found, and nothing else is wrong", () => {
  expect(errorsOf(WRONG)).toEqual([expect.stringContaining("'nam' does not exist")]);
  const known = [...blocks.map(fileOf), WRONG];
  const elsewhere = errors.filter(
    (error) => error.includes("error TS") && !known.some((file) => error.startsWith(file)),
  );
  expect(elsewhere).toEqual([]);
});

test("the quickstart of README.md is the one in examples/", () => {
  const source = textOf("examples/quickstart/src/main.ts");
  expect(codeBlocks("README.md").filter(({ language }) => language === "ts")[0]?.code).toBe(source);
  expect(source.trim().split("\n").length).toBeLessThanOrEqual(60);
});
