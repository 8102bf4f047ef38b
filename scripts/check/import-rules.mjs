// Who may import whom. Sources are scanned by TypeScript's own pre-processor: comments and strings cannot mislead it.
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import ts from "typescript-5.9";
import { isSpec } from "../workspace.mjs";

/** The packages of this repository that the sources of each package may import. */
export const ALLOWED = {
  "envoy-api": [],
  core: ["envoy-api"],
  server: ["core", "envoy-api"],
  client: ["envoy-api"],
  mesh: ["core", "envoy-api"],
  ebpf: ["mesh"],
  agent: ["client", "ebpf", "mesh"],
  testkit: ["envoy-api", "client"],
  rxds: ["core", "server", "envoy-api"],
};

/** What knows the network: `core` must be usable, and testable, without one. */
const NETWORK = new Set(["net", "tls", "http", "https", "http2", "dgram", "dns"]);

/** Of these, what only looks at text: `import { isIP } from "node:net"` is allowed in `core`. */
const PURE_NET = /import \{\s*(?:isIP(?:v4|v6)?,?\s*)+\} from "node:net"/;

/** Folders outside packages/ whose code may import any package, the testkit too. */
const FREE_FOLDERS = ["tests", "examples", "bench", "conformance"];

/** The conformance suite must be able to test any server: only what starts rxds for it may know rxds. */
const SUITE = /^conformance\/(?!rxds-target\/)/;

/** The packages that the suite may import. */
const SUITE_PACKAGES = ["envoy-api", "testkit"];

/** The name to declare for a specifier: "@rxds/core" for "@rxds/core/x"; undefined for a relative one or one of Node's. */
export function packageOf(specifier) {
  if (/^[.#/]/.test(specifier) || specifier.startsWith("node:")) return undefined;
  const parts = specifier.split("/");
  const name = parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  return builtinModules.includes(name) ? undefined : name;
}

/** The folder of one of our packages below packages/; undefined for anything else. */
const ownFolder = (name) => (name === "rxds" ? "rxds" : /^@rxds\/(.+)$/.exec(name ?? "")?.[1]);

/** Specifiers of all imports, exports, `import()` calls and import types of a source. */
export const importsOf = (source) => ts.preProcessFile(source, true, true).importedFiles.map((file) => file.fileName);

/**
 * Checks files and manifests.
 *
 * @param files path below the root -> source text
 * @param manifests package folder -> parsed package.json; "." is the root's
 * @returns one line for each violation
 */
export function checkImports(files, manifests) {
  const problems = [];
  const used = new Map(Object.keys(ALLOWED).map((folder) => [folder, new Set()]));
  for (const [path, source] of files) {
    const folder = /^packages\/([^/]+)\//.exec(path)?.[1];
    for (const specifier of importsOf(source)) {
      const report = (message) => problems.push(`${path}: imports "${specifier}": ${message}`);
      if (folder === undefined) checkOutside(path, specifier, report);
      else if (!(folder in ALLOWED))
        report(`packages/${folder} has no import rule: add it to scripts/check/import-rules.mjs`);
      else checkInside({ path, source, folder, specifier, manifests, used: used.get(folder), report });
    }
  }
  for (const [folder, names] of used) {
    for (const name of Object.keys(manifests[folder]?.dependencies ?? {})) {
      if (!names.has(name))
        problems.push(`packages/${folder}/package.json: dependency ${name} is imported by no source`);
    }
  }
  return problems;
}

function checkOutside(path, specifier, report) {
  const name = packageOf(specifier);
  const free = FREE_FOLDERS.some((folder) => path.startsWith(`${folder}/`)) || isSpec(path);
  if (ownFolder(name) !== undefined && !free)
    report("only packages, specs, tests/, conformance/, examples/ and bench/ import packages");
  if (SUITE.test(path) && ownFolder(name) !== undefined && !SUITE_PACKAGES.includes(ownFolder(name)))
    report("the conformance suite knows no server: only conformance/rxds-target does");
  // The scripts cannot: they run where the packages are not linked.
  // What only supports specs is in no package, and has no other name.
  const byPath =
    specifier.startsWith(".") && /^packages\/[^/]+\/(?!spec-support\/)/.test(join(dirname(path), specifier));
  if (byPath && !path.startsWith("scripts/")) {
    report("reach a package by its name, not by its path");
  }
}

function checkInside({ path, source, folder, specifier, manifests, used, report }) {
  // Helpers of specs lie beside src/ and are in no tarball, like the specs.
  const published = path.startsWith(`packages/${folder}/src/`) && !isSpec(path);
  if (/^\.{1,2}(\/|$)/.test(specifier)) return checkRelative({ path, folder, specifier, published, report });
  if (!specifier.startsWith("node:") && builtinModules.includes(specifier)) report(`write "node:${specifier}"`);
  if (published && folder === "core" && isNetwork(specifier, source)) report("core must not know the network");
  const name = packageOf(specifier);
  if (name === undefined) return;
  const own = ownFolder(name);
  if (published) {
    used.add(name);
    if (own === folder) return report("a package does not import itself by name");
    if (own !== undefined && !ALLOWED[folder].includes(own)) report(`${folder} must not import ${own}`);
    if (!(name in (manifests[folder]?.dependencies ?? {}))) report(`${name} is missing from its dependencies`);
    return;
  }
  const { dependencies, devDependencies } = manifests[folder] ?? {};
  const declared = { ...manifests["."]?.devDependencies, ...dependencies, ...devDependencies };
  if (own !== folder && !(name in declared)) report(`${name} is missing from the devDependencies`);
}

function isNetwork(specifier, source) {
  if (specifier === "node:net" && PURE_NET.test(source)) return false;
  return specifier.startsWith("@grpc/") || NETWORK.has(specifier.replace(/^node:/, "").split("/")[0]);
}

function checkRelative({ path, folder, specifier, published, report }) {
  const inside = published ? `packages/${folder}/src` : `packages/${folder}`;
  if (relative(inside, join(dirname(path), specifier)).startsWith("..")) report(`it leaves ${inside}`);
  if (!/\.(js|json)$/.test(specifier)) report("relative imports end in .js");
  if (published && /\.(spec|test-d)\.js$/.test(specifier)) report("a source does not import a spec");
}
