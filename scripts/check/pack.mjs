// Packs every package as it would be published, and looks at the tarballs (not at the folders).
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { output, pnpm, root, run, text } from "../run.mjs";
import { manifest, PACKAGES } from "../workspace.mjs";
import { checkTarball } from "./tarball-rules.mjs";

const FOLDER = join(root, ".cache/pack");
/** Stands for the generated modules, which attw cannot find behind their wildcard. */
const SAMPLE_ENTRY = ["--include-entrypoints", "envoy/config/cluster/v3/cluster"];

/** Packs all packages into .cache/pack and returns their tarballs by package folder. */
export function pack() {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  pnpm("--recursive", "--filter", "./packages/*", "pack", "--silent", "--pack-destination", FOLDER);
  return new Map(PACKAGES.map((name) => [name, join(FOLDER, tarballName(manifest(name)))]));
}

const tarballName = ({ name, version }) => `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;

/** Checks each tarball's content and how TypeScript and Node.js resolve it; returns one line for each problem. */
export function checkTarballs(tarballs) {
  const problems = [];
  for (const [name, tarball] of tarballs) {
    const content = checkTarball(unpack(tarball), manifest(name), { LICENSE: text("LICENSE"), NOTICE: text("NOTICE") });
    problems.push(...content.map((problem) => `${manifest(name).name}: ${problem}`));
    run("publint", [tarball, "--strict"]);
    const entries = name === "envoy-api" ? SAMPLE_ENTRY : [];
    run("attw", [tarball, "--profile", "esm-only", "--quiet", ...entries]);
  }
  return problems;
}

/** The files of a tarball: path in the package -> function that reads it. */
function unpack(tarball) {
  const folder = `${tarball}.content`;
  mkdirSync(folder);
  output("tar", ["-xzf", tarball, "-C", folder]);
  const base = join(folder, "package");
  const files = readdirSync(base, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((file) => join(file.parentPath, file.name));
  return new Map(paths.map((path) => [relative(base, path), () => readFileSync(path, "utf8")]));
}
