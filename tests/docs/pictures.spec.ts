import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, textOf } from "./markdown.js";

const folder = "docs/pictures";
const scripts = readdirSync(join(root, folder)).filter((file) => file.endsWith(".mjs"));

test.each(scripts)("the picture that %s draws is up to date", (script) => {
  const drawn = execFileSync(process.execPath, [join(root, folder, script)], { encoding: "utf8" });
  expect(drawn).toBe(textOf(join(folder, script.replace(/\.mjs$/, ".svg"))));
});

test("every picture is drawn by a script", () => {
  const others = readdirSync(join(root, folder)).filter((file) => !file.endsWith(".mjs"));
  expect(others.sort()).toEqual(scripts.map((script) => script.replace(/\.mjs$/, ".svg")).sort());
});
