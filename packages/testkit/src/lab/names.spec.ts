import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { isLeftover, labPrefix } from "./names.js";

test("the namespaces of a living process are no leftovers, and labs of one process differ", () => {
  const prefix = labPrefix();
  expect(prefix).toMatch(new RegExp(`^rxds-${process.pid}-\\d+-[\\da-f]{6}-$`));
  expect(isLeftover(`${prefix}web`)).toBe(false);
  expect(labPrefix()).not.toBe(prefix);
});

test("those of an ended process are, also when its id is used again", () => {
  const { pid } = spawnSync("true");
  expect(isLeftover(`rxds-${pid}-123-abcdef-web`)).toBe(true);
  expect(isLeftover(`rxds-${process.pid}-1-abcdef-web`)).toBe(true);
});

test("what no lab has made is none", () => {
  for (const name of ["web", "rxds-web", "cni-1234", "rxds-1-2"]) expect(isLeftover(name)).toBe(false);
});
