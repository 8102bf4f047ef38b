// Fetches Envoy's .proto files, by package name, into protos/vendor/ (ignored by git). See protos/README.md.
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { hash, output, retried, root, text, UserError } from "./run.mjs";

const CRATE = { name: "envoy-types", version: "0.7.7" };
const SUPPLEMENT = { name: "@grpc/grpc-js-xds", version: "1.14.0" };
/** sha256 of the assembled folder, see `treeHash`. */
const CONTENT = "35c79fe193e438db9bf18a4c1b45ef8e60e2930ba1b1264d78bc2861f3e93138";
/** Folders of the crate's `proto/` and the buf module each becomes. */
const LAYOUT = [
  ["data-plane-api", "envoy"],
  ["googleapis", "googleapis"],
  ["cel-spec/proto", "cel"],
  ["client_model", "prometheus"],
  ["opentelemetry-proto", "otel"],
  ["protoc-gen-validate", "pgv"],
];

/** sha256 over "sha256  path" lines in byte order of the path: independent of times, archives and registries. */
function treeHash(dir) {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const total = createHash("sha256");
  for (const file of files) {
    const digest = createHash("sha256")
      .update(readFileSync(join(dir, file)))
      .digest("hex");
    total.update(`${digest}  ${file}\n`);
  }
  return total.digest("hex");
}

/** Older ones need a clone of the whole index, and then fail on this crate's manifest. */
const OLDEST_CARGO = [1, 70];

function checkCargo() {
  const [major, minor] = output("cargo", ["--version"]).replace("cargo ", "").split(".").map(Number);
  if (major > OLDEST_CARGO[0] || minor >= OLDEST_CARGO[1]) return;
  throw new UserError(
    `cargo ${OLDEST_CARGO.join(".")} or newer is needed, this is ${major}.${minor}: install Rust by rustup`,
  );
}

/** Lets cargo download the crate and returns its `proto` folder. */
function crateProtos(tmp) {
  const manifest = [
    '[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"',
    '[lib]\npath = "lib.rs"',
    `[dependencies]\n${CRATE.name} = "=${CRATE.version}"\n`,
  ].join("\n");
  writeFileSync(join(tmp, "Cargo.toml"), manifest);
  writeFileSync(join(tmp, "lib.rs"), "");
  const args = ["metadata", "--quiet", "--format-version", "1", "--manifest-path", join(tmp, "Cargo.toml")];
  const metadata = JSON.parse(retried("fetching the proto files", () => output("cargo", args)));
  return join(dirname(metadata.packages.find((p) => p.name === CRATE.name).manifest_path), "proto");
}

/** Makes protos/vendor/ hold exactly the pinned proto files; does nothing when it already does. */
export function fetchProtos() {
  const vendor = join(root, "protos/vendor");
  const stamp = hash(CONTENT);
  if (text("protos/vendor/.stamp") === stamp) return;
  checkCargo();
  console.log(`fetching Envoy's proto files (${CRATE.name} ${CRATE.version})`);
  mkdirSync(join(root, ".cache"), { recursive: true });
  const tmp = mkdtempSync(join(root, ".cache/protos-"));
  try {
    const crate = crateProtos(tmp);
    const stage = join(tmp, "stage");
    for (const [from, to] of LAYOUT) cpSync(join(crate, from), join(stage, to), { recursive: true });
    const require = createRequire(join(root, "packages/envoy-api/package.json"));
    const supplement = dirname(require.resolve(`${SUPPLEMENT.name}/package.json`));
    // The supplement has every xds file but is older: the crate's newer subset goes on top.
    cpSync(join(supplement, "deps/xds"), join(stage, "xds"), { recursive: true });
    cpSync(join(crate, "xds"), join(stage, "xds"), { recursive: true, force: true });
    const got = treeHash(stage);
    if (got !== CONTENT) {
      throw new UserError(`the fetched proto files are not the pinned ones: content hash ${got}, expected ${CONTENT}`);
    }
    rmSync(vendor, { recursive: true, force: true });
    renameSync(stage, vendor);
    writeFileSync(join(vendor, ".stamp"), stamp);
  } finally {
    rmSync(tmp, { recursive: true, force: true });
  }
}
