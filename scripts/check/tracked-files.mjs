// What may be in git: no fetched or generated file, no address of a package registry, no overlong source.
import { isSpec } from "../workspace.mjs";

const MAX_LINES = 300;

/** Places of fetched and generated files; .gitignore keeps them out, and `git add -f` would not. */
const GENERATED_PATHS =
  /(^|\/)(node_modules|dist|\.cache|coverage)\/|^protos\/vendor\/|\/src\/gen\/|\.(binpb|tsbuildinfo|tgz)$|_pb\.(ts|js)$/;
const GENERATED_TEXT = /^\s*(?:\/\/|\/\*|#)\s*(?:@generated|code generated .*do not edit)/im;

/** Hosts that serve packages; written so that this file names none. */
const REGISTRY =
  /\b(?:(?:registry|static|index|proxy|files|repo\d?)\.[\w-]+\.(?:org|com|io|dev)|npmjs\.(?:org|com)|pypi\.(?:org|io)|crates\.io)\b/i;

/**
 * Checks the project's files.
 *
 * @param files path below the root -> text
 * @returns one line for each violation
 */
export function checkTrackedFiles(files) {
  const problems = [];
  for (const [path, text] of files) {
    const report = (message) => problems.push(`${path}: ${message}`);
    if (GENERATED_PATHS.test(path)) report("fetched and generated files are not kept in git");
    else if (GENERATED_TEXT.test(text)) report("looks like generated code, which is not kept in git");
    if (path.endsWith(".proto") && !path.startsWith("protos/rxds/"))
      report("only rxds's own protos (protos/rxds/) are kept in git");
    const registry = REGISTRY.exec(text)?.[0];
    if (registry !== undefined) report(`names the package registry host ${registry}`);
    if (/^\s*registry\s*=/m.test(text) && /(^|\/)\.(npm|yarn|pnpm)rc$/.test(path)) report("sets a package registry");
    if (/(^|\/)pnpm-lock\.yaml$/.test(path)) checkLock(text, report);
    if (/^packages\/[^/]+\/src\/.*\.ts$/.test(path) && !isSpec(path)) {
      const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
      if (lines > MAX_LINES) report(`${lines} lines, at most ${MAX_LINES}: it does more than one thing`);
    }
  }
  return problems;
}

/** A lock file with addresses ties everybody to the machine that wrote it. */
function checkLock(text, report) {
  text.split("\n").forEach((line, index) => {
    if (/\btarball:|\bhttps?:\/\//.test(line)) report(`line ${index + 1} holds an address: ${line.trim()}`);
  });
}
