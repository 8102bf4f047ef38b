import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cacheFolder } from "./cache-folder.js";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "rxds-cache-folder-"));
  await mkdir(join(root, "package/deep/down"), { recursive: true });
  await writeFile(join(root, "package/package.json"), "{}");
});
afterAll(() => rm(root, { recursive: true, force: true }));

test("is inside node_modules of the nearest package at or above the folder", () => {
  const expected = join(root, "package/node_modules/.cache/rxds");
  expect(cacheFolder(join(root, "package/deep/down"), {})).toBe(expected);
  expect(cacheFolder(join(root, "package"), {})).toBe(expected);
});

test("is in the user's home outside any package", () => {
  expect(cacheFolder(root, {})).toBe(join(homedir(), ".cache/rxds"));
});

test("is what RXDS_CACHE says, relative to the working directory", () => {
  expect(cacheFolder(root, { RXDS_CACHE: "/var/rxds" })).toBe("/var/rxds");
  expect(cacheFolder(root, { RXDS_CACHE: "here" })).toBe(join(root, "here"));
});
