// A user's view: the tarballs in an empty project, where the quickstart and every module must compile without
// skipLibCheck, under the oldest and the newest TypeScript that is supported, and run.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { pnpm, root, run, text, UserError } from "../run.mjs";
import { manifest, PACKAGES } from "../workspace.mjs";

const COMPILERS = ["typescript-5.9", "typescript"];
const QUICKSTART = "examples/quickstart";
const DEADLINE_MS = 30_000;

const TSCONFIG = {
  compilerOptions: {
    target: "es2023",
    lib: ["es2023"],
    module: "nodenext",
    strict: true,
    skipLibCheck: false,
    types: ["node"],
    rootDir: "src",
    outDir: "out",
  },
  include: ["src"],
};

/** Installs, compiles and runs; throws at the first thing that does not work. */
export async function checkConsumer(tarballs) {
  // Outside the repository: there, no import can find its way into the repository's node_modules.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "rxds-consumer-")));
  try {
    writeProject(folder, tarballs);
    pnpm("--dir", folder, "install", "--prefer-offline", "--reporter=append-only", "--silent");
    for (const compiler of COMPILERS) {
      run(process.execPath, [join(root, "node_modules", compiler, "bin/tsc"), "-p", folder]);
    }
    run(process.execPath, [join(folder, "out/entry-points.js")], { cwd: folder });
    await runQuickstart(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeProject(folder, tarballs) {
  const names = [...tarballs].map(([name, tarball]) => [manifest(name).name, `file:${tarball}`]);
  const { dependencies } = JSON.parse(text(`${QUICKSTART}/package.json`));
  const types = JSON.parse(text("package.json")).devDependencies["@types/node"];
  const json = (path, value) => writeFileSync(join(folder, path), JSON.stringify(value, undefined, 2));
  json("package.json", {
    name: "consumer",
    private: true,
    type: "module",
    dependencies: { ...dependencies, ...Object.fromEntries(names) },
    devDependencies: { "@types/node": types },
  });
  // YAML, as JSON is. Dependencies between our packages must lead to the tarballs, too.
  json("pnpm-workspace.yaml", {
    overrides: Object.fromEntries(names),
    allowBuilds: { koffi: false, protobufjs: false },
  });
  json("tsconfig.json", TSCONFIG);
  mkdirSync(join(folder, "src"));
  cpSync(join(root, QUICKSTART, "src"), join(folder, "src"), { recursive: true });
  writeFileSync(join(folder, "src/entry-points.ts"), entryPoints());
  writeFileSync(join(folder, "src/generated.ts"), generatedModules());
}

/** A module that loads each entry point, and fails when one exports nothing. */
function entryPoints() {
  const specifiers = PACKAGES.flatMap((folder) => {
    const { name, exports } = manifest(folder);
    const subpaths = Object.keys(exports).filter((subpath) => !subpath.includes("*"));
    return subpaths.map((subpath) => posix.join(name, subpath));
  });
  const lines = specifiers.map((specifier, n) => `import * as m${n} from "${specifier}";`);
  const modules = specifiers.map((specifier, n) => `"${specifier}": m${n}`).join(", ");
  lines.push(`for (const [name, module] of Object.entries({ ${modules} })) {`);
  lines.push(`  if (Object.keys(module).length === 0) throw new Error(name + " exports nothing");\n}\n`);
  return lines.join("\n");
}

/** A module that names the types of every generated module. */
function generatedModules() {
  const files = readdirSync(join(root, "packages/envoy-api/dist/gen"), { recursive: true });
  const paths = files.filter((file) => file.endsWith("_pb.d.ts")).map((file) => file.slice(0, -"_pb.d.ts".length));
  return paths.map((path, n) => `import type * as m${n} from "@rxds/envoy-api/${path}";\n`).join("");
}

/** Starts the compiled quickstart on a free port, and waits until it says that it serves. */
async function runQuickstart(folder) {
  const env = { ...process.env, XDS_ADDRESS: "127.0.0.1:0" };
  const child = spawn(process.execPath, [join(folder, "out/main.js")], { cwd: folder, env, stdio: "pipe" });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  let said = "";
  try {
    await new Promise((resolve, reject) => {
      const fail = (why) => reject(new UserError(`the quickstart, run from tarballs, ${why}; it said:\n${said}`));
      setTimeout(() => fail("did not serve in time"), DEADLINE_MS).unref();
      child.once("exit", (code, signal) => fail(`ended with ${signal ?? code}`));
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (chunk) => {
          said += chunk;
          if (/serving xDS on 127\.0\.0\.1:[1-9]\d*/.test(said)) resolve();
        });
      }
    });
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
}
