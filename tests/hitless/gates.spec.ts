import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { gates } from "./gates.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

test.each(gates)("the gate $name can be switched off", ({ edits }) => {
  const times = edits.map(({ file, find }) => readFileSync(join(root, file), "utf8").split(find).length - 1);
  expect(times).toEqual(edits.map(() => 1));
});
