// What a published package must and must not hold.
import { posix } from "node:path";

const REQUIRED = ["package.json", "README.md", "LICENSE", "NOTICE"];
const DEPENDENCY_FIELDS = ["dependencies", "peerDependencies", "optionalDependencies", "devDependencies"];

/**
 * Checks the content of a tarball.
 *
 * @param files path in the package -> function that returns its text
 * @param source the package.json that the tarball was packed from
 * @param expected texts that files must equal, such as the root's LICENSE
 * @returns one line for each violation
 */
export function checkTarball(files, source, expected = {}) {
  const problems = REQUIRED.filter((path) => !files.has(path)).map((path) => `${path} is missing`);
  for (const [path, text] of Object.entries(expected)) {
    if (files.has(path) && files.get(path)() !== text) problems.push(`${path} is not the repository's`);
  }
  for (const [path, read] of files) {
    const object = /^bpf\/(.*\.bpf)\.c$/.exec(path)?.[1];
    if (object && !files.has(`dist/${object}.o`))
      problems.push(`${path}: it is not compiled, dist/${object}.o is missing`);
    if (/\.(spec|test-d)\./.test(path)) problems.push(`${path}: specs are not published`);
    if (path.endsWith(".tsbuildinfo")) problems.push(`${path}: build state is not published`);
    if (path.endsWith(".map")) problems.push(...checkMap(path, JSON.parse(read()), files));
    const mapped = /^\/\/# sourceMappingURL=(\S+)\s*$/m.exec(/\.(js|d\.ts)$/.test(path) ? read() : "")?.[1];
    if (mapped && !files.has(posix.join(posix.dirname(path), mapped)))
      problems.push(`${path}: its map ${mapped} is missing`);
  }
  if (files.has("package.json"))
    problems.push(...checkManifest(JSON.parse(files.get("package.json")()), source, files));
  return problems;
}

function checkMap(path, map, files) {
  return map.sources
    .filter((_, index) => typeof map.sourcesContent?.[index] !== "string")
    .map((name) => posix.join(posix.dirname(path), map.sourceRoot ?? "", name))
    .filter((name) => !files.has(name))
    .map((name) => `${path}: its source ${name} is missing`);
}

function checkManifest(packed, source, files) {
  const problems = [];
  for (const field of DEPENDENCY_FIELDS) {
    for (const [name, range] of Object.entries(packed[field] ?? {})) {
      if (/^(workspace|link|file|catalog):/.test(range)) problems.push(`package.json: ${name} has the range ${range}`);
    }
  }
  if (JSON.stringify(packed).includes("@rxds/source")) {
    problems.push("package.json: the condition @rxds/source is for this repository only");
  }
  const published = JSON.stringify(packed.exports);
  if (published !== JSON.stringify(withoutSource(source.exports))) {
    problems.push("package.json: publishConfig.exports are not the exports without @rxds/source");
  }
  for (const target of targets(packed.exports)) {
    if (!target.includes("*") && !files.has(posix.normalize(target)))
      problems.push(`package.json: exports ${target}, which is missing`);
  }
  return problems;
}

/** The export map without the condition that leads to the sources. */
function withoutSource(exports) {
  if (typeof exports !== "object" || exports === null) return exports;
  const kept = Object.entries(exports).filter(([key]) => key !== "@rxds/source");
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutSource(value)]));
}

const targets = (exports) =>
  typeof exports === "string" ? [exports] : Object.values(exports ?? {}).flatMap((value) => targets(value));
