import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { isLeftover, labPrefix } from "./names.js";

test("what a living process has made is no leftover, and labs of one process differ", () => {
  const prefix = labPrefix();
  expect(prefix).toMatch(new RegExp(`^rxds-${process.pid}-\\d+-[\\da-f]{6}$`));
  for (const name of [prefix, `${prefix}-web`]) expect(isLeftover(name)).toBe(false);
  expect(labPrefix()).not.toBe(prefix);
});

test("what an ended process has made is, also when its id is used again", () => {
  const { pid } = spawnSync("true");
  for (const end of ["", "-web"]) {
    expect(isLeftover(`rxds-${pid}-123-abcdef${end}`)).toBe(true);
    expect(isLeftover(`rxds-${process.pid}-1-abcdef${end}`)).toBe(true);
  }
});

test("what no lab has made is none", () => {
  const { pid } = spawnSync("true");
  const names = ["web", "rxds-web", "cni-1234", "rxds-1-2", `rxds-${pid}-123-abcdef0`, `a-rxds-${pid}-123-abcdef`];
  for (const name of names) expect(isLeftover(name)).toBe(false);
});
