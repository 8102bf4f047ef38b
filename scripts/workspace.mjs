// What the repository holds: its packages and its files.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { output, root, text } from "./run.mjs";

/** The published packages, in the order of their dependencies. */
export const PACKAGES = ["envoy-api", "core", "server", "client", "mesh", "ebpf", "agent", "testkit", "rxds"];

/** The manifest of a package. */
export const manifest = (name) => JSON.parse(text(`packages/${name}/package.json`));

/** Paths of every package.json of the workspace, below the root. */
export function manifestPaths() {
  const below = (folder) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)).sort() : []);
  const folders = [
    ".",
    ...["packages", "examples"].flatMap((top) => below(top).map((n) => `${top}/${n}`)),
    "bench",
    "conformance",
    "tests",
  ];
  return folders.map((folder) => join(folder, "package.json")).filter((path) => existsSync(join(root, path)));
}

/** Files that git tracks or would track (new and not ignored), below the root; a deleted file is left out. */
export function projectFiles(...patterns) {
  const list = output("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ...patterns]);
  return [...new Set(list.split("\0"))].filter((path) => path !== "" && existsSync(join(root, path))).sort();
}

/** A spec or a type test: it is type-checked and run, but is in no build and no tarball. */
export const isSpec = (path) => /\.(spec|test-d)\.ts$/.test(path);
