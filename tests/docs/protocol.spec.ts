import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, textOf } from "./markdown.js";

const SPECS = "conformance/specs";

/** The spec files of the suite by the rules that the titles of their tests name. */
function testsByRule(): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, string[]>();
  for (const file of readdirSync(join(root, SPECS)).sort()) {
    const titles = textOf(`${SPECS}/${file}`).matchAll(/\brule (\d+)[:,]/g);
    for (const rule of new Set([...titles].map(([, number]) => Number(number)))) {
      found.set(rule, [...(found.get(rule) ?? []), file.replace(/\.spec\.ts$/, "")]);
    }
  }
  return found;
}

interface Row {
  readonly rule: number;
  readonly tests: readonly string[];
  readonly text: string;
  readonly notes: string;
}

/** The rows of docs/protocol.md. */
function rows(): Row[] {
  return textOf("docs/protocol.md")
    .split("\n")
    .filter((line) => /^\| +\d+ /.test(line))
    .map((line) => {
      const [, rule = "", text = "", tests = "", notes = ""] = line.split("|").map((cell) => cell.trim());
      return { rule: Number(rule), text, tests: [...tests.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name), notes };
    });
}

test("docs/protocol.md has a row for every rule", () => {
  expect(rows().map(({ rule }) => rule)).toEqual(Array.from({ length: 77 }, (_, i) => i + 1));
  expect(rows().filter(({ text }) => text === "")).toEqual([]);
});

test("each row names the files of the conformance suite with tests of its rule, and no others", () => {
  const found = testsByRule();
  expect(rows().map(({ rule, tests }) => [rule, tests])).toEqual(
    rows().map(({ rule }) => [rule, found.get(rule) ?? []]),
  );
});

test("a rule without tests says why", () => {
  const bare = rows().filter(({ tests }) => tests.length === 0);
  expect(bare.filter(({ notes }) => notes === "")).toEqual([]);
});

test("other tests that a row leads to are there", () => {
  const paths = rows().flatMap(({ notes }) =>
    [...notes.matchAll(/\]\(\.\.\/(tests\/[^)]+)\)/g)].map(([, path = ""]) => path),
  );
  expect(paths.map((path) => textOf(path).includes("test("))).toEqual(paths.map(() => true));
});
