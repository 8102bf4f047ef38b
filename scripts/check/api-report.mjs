// The public API as committed text (api/), compared with what the build exports: a change of the API is seen in review.
// It also insists that everything public is documented and can be named by a user.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";
import { hash, root, text } from "../run.mjs";
import { manifest, PACKAGES } from "../workspace.mjs";

const FRESH = join(root, ".cache/api");
/** What makes a public declaration unfinished. */
const UNFINISHED = new Set([
  "ae-undocumented",
  "ae-forgotten-export",
  "ae-unresolved-link",
  "ae-unresolved-inheritdoc-reference",
]);

/** The `name = "XError"` of an error class says all there is to say. */
function isErrorName({ sourceFilePath, sourceFileLine }) {
  if (!sourceFilePath || !sourceFileLine || !existsSync(sourceFilePath)) return false;
  return /\bname = "\w+Error"/.test(readFileSync(sourceFilePath, "utf8").split("\n")[sourceFileLine - 1]);
}

/** Writes the report of one entry point to .cache/api and returns what is unfinished in it. */
function extract(name, types, reportFileName) {
  const folder = join(root, "packages", name);
  const compilerOptions = {
    target: "es2023",
    lib: ["es2023"],
    module: "nodenext",
    strict: true,
    skipLibCheck: true,
    types: ["node"],
  };
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, "package.json"),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, types),
      newlineKind: "lf",
      compiler: { overrideTsconfig: { compilerOptions, files: [types] } },
      apiReport: { enabled: true, reportFileName, reportFolder: FRESH, reportTempFolder: join(FRESH, "tmp") },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: {
          default: { logLevel: "warning" },
          // Releases are told by versions, not by tags on each declaration.
          "ae-missing-release-tag": { logLevel: "none" },
        },
        // Doc comments are TSDoc as far as editors show them, no further.
        tsdocMessageReporting: { default: { logLevel: "none" } },
      },
    },
  });
  const problems = [];
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = true;
      if (message.category === "Compiler" && message.logLevel === "error") problems.push(message.text);
      if (!UNFINISHED.has(message.messageId) || isErrorName(message)) return;
      const place = message.sourceFilePath?.slice(root.length) ?? name;
      problems.push(`${place}:${message.sourceFileLine ?? 0}: ${message.text}`);
    },
  });
  return problems;
}

/** A line for each generated module: how many names it exports, and a hash of them. */
function generatedModules() {
  const folder = join(root, "packages/envoy-api/dist/gen");
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith("_pb.d.ts"));
  const lines = files.sort().map((file) => {
    const declarations = readFileSync(join(folder, file), "utf8").matchAll(/^export (?:declare )?\w+ (\w+)/gm);
    const names = [...new Set([...declarations].map((match) => match[1]))].sort();
    return `${file.slice(0, -"_pb.d.ts".length)} ${names.length} ${hash(...names).slice(0, 8)}`;
  });
  return `Generated modules of @rxds/envoy-api: path, number of exported names, hash of the names.\n\n${lines.join("\n")}\n`;
}

/**
 * Compares the committed reports with the build, or rewrites them.
 *
 * @returns one line for each problem
 */
export function checkApi(update) {
  rmSync(FRESH, { recursive: true, force: true });
  mkdirSync(join(FRESH, "tmp"), { recursive: true });
  const problems = [];
  for (const name of PACKAGES) {
    for (const [subpath, target] of Object.entries(manifest(name).exports)) {
      if (subpath.includes("*")) continue;
      const report = subpath === "." ? name : `${name}.${basename(subpath)}`;
      problems.push(...extract(name, target.types, report));
    }
  }
  rmSync(join(FRESH, "tmp"), { recursive: true });
  writeFileSync(join(FRESH, "envoy-api.generated.txt"), generatedModules());
  const committed = join(root, "api");
  if (update) {
    rmSync(committed, { recursive: true, force: true });
    cpSync(FRESH, committed, { recursive: true });
  }
  const names = new Set([...readdirSync(FRESH), ...(existsSync(committed) ? readdirSync(committed) : [])]);
  for (const file of names) {
    if (text(`api/${file}`) === text(`.cache/api/${file}`)) continue;
    const sides = [`api/${file}`, `.cache/api/${file}`].map((path) =>
      existsSync(join(root, path)) ? path : "/dev/null",
    );
    spawnSync("git", ["--no-pager", "diff", "--no-index", "--", ...sides], { cwd: root, stdio: "inherit" });
    problems.push(
      `api/${file} differs from the build: if that is meant, run \`npm run check -- --update-api\` and commit it`,
    );
  }
  return problems;
}
