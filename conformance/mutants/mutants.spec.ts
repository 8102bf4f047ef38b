import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { mutants } from "./index.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("every mutant finds its text in the sources exactly once", () => {
  const lost = mutants.flatMap(({ rule, why, edits }) =>
    edits.flatMap(({ file, find }) => {
      const path = join(root, file);
      const times = existsSync(path) ? readFileSync(path, "utf8").split(find).length - 1 : 0;
      return times === 1 ? [] : [`rule ${rule}: ${why}: ${times} times in ${file}: ${find}`];
    }),
  );
  expect(lost).toEqual([]);
});

test("every mutant changes something and says what it does wrong", () => {
  const bad = mutants.filter(
    ({ why, edits }) => why === "" || edits.length === 0 || edits.some((e) => e.find === e.replace),
  );
  expect(bad).toEqual([]);
});
