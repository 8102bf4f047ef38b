// Makes a fresh clone ready: dependencies, proto files, generated code, descriptor images, and with --build the compiled
// packages and the Envoy binary. A step whose inputs are unchanged is skipped, so that a second run needs no network.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildBpf } from "./build-bpf.mjs";
import { env, hash, main, pnpm, retried, root, run, text, UserError } from "./run.mjs";
import { manifestPaths, PACKAGES, projectFiles } from "./workspace.mjs";

const SERVICES = [
  "discovery.v3.AggregatedDiscoveryService",
  "cluster.v3.ClusterDiscoveryService",
  "endpoint.v3.EndpointDiscoveryService",
  "listener.v3.ListenerDiscoveryService",
  "route.v3.RouteDiscoveryService",
  "route.v3.ScopedRoutesDiscoveryService",
  "route.v3.VirtualHostDiscoveryService",
  "secret.v3.SecretDiscoveryService",
  "runtime.v3.RuntimeDiscoveryService",
  "extension.v3.ExtensionConfigDiscoveryService",
  "status.v3.ClientStatusDiscoveryService",
  "load_stats.v3.LoadReportingService",
];

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new UserError(`Node.js 20.19 or newer is needed, this is ${process.versions.node}`);
  }
}

function install() {
  const inputs = () => hash(text("pnpm-lock.yaml"), text("pnpm-workspace.yaml"), ...manifestPaths().map(text));
  if (text("node_modules/.rxds-stamp") === inputs()) return;
  console.log("installing dependencies");
  const frozen = text("pnpm-lock.yaml") !== "" && !process.argv.includes("--update-lockfile");
  retried("installing dependencies", () =>
    pnpm("install", "--reporter=append-only", frozen ? "--frozen-lockfile" : "--no-frozen-lockfile"),
  );
  writeFileSync(join(root, "node_modules/.rxds-stamp"), inputs());
}

function generate() {
  const { devDependencies } = JSON.parse(text("package.json"));
  const tools = ["@bufbuild/buf", "@bufbuild/protoc-gen-es"].map((name) => `${name} ${devDependencies[name]}`);
  const own = projectFiles("protos/*.proto").flatMap((path) => [path, text(path)]);
  const inputs = [text("protos/vendor/.stamp"), text("buf.yaml"), text("buf.gen.yaml"), ...tools, ...SERVICES, ...own];
  const stamp = hash(...inputs);
  if (text("packages/envoy-api/images/.stamp") === stamp) return;
  console.log("generating TypeScript from the proto files");
  const images = "packages/envoy-api/images";
  rmSync(join(root, images), { recursive: true, force: true });
  mkdirSync(join(root, images), { recursive: true });
  const image = (name, ...args) => run("buf", ["build", "--exclude-source-info", ...args, "-o", `${images}/${name}`]);
  run("buf", ["generate"]);
  image("registry.binpb");
  image("services.binpb", ...SERVICES.flatMap((service) => ["--type", `envoy.service.${service}`]));
  writeFileSync(join(root, images, ".stamp"), stamp);
}

/** What tsc left of sources that are gone: nothing may import it, and it must be in no tarball. */
function removeStaleOutput() {
  for (const name of PACKAGES) {
    const [src, dist] = [join(root, "packages", name, "src"), join(root, "packages", name, "dist")];
    for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const stem = /^(.*?)(\.d\.ts|\.js)(\.map)?$/.exec(path.slice(dist.length + 1))?.[1];
      if (entry.isFile() && stem !== undefined && !existsSync(join(src, `${stem}.ts`))) rmSync(path);
    }
  }
}

/** What editors check and complete the documents of a mesh with, as files. */
async function writeSchemas() {
  const { schemaFiles } = await import("../packages/mesh/dist/schemas/json-schema.js");
  const folder = join(root, "packages/mesh/dist/schemas");
  for (const name of readdirSync(folder)) if (name.endsWith(".json")) rmSync(join(folder, name));
  for (const [name, schema] of Object.entries(schemaFiles())) {
    writeFileSync(join(folder, name), `${JSON.stringify(schema, undefined, 2)}\n`);
  }
}

async function installEnvoy() {
  if (process.env.ENVOY_PATH) return;
  const testkit = await import("../packages/testkit/dist/index.js");
  await testkit
    .installEnvoy({ cache: env.RXDS_CACHE, onProgress: (line) => console.log(line) })
    .catch((error) => Promise.reject(new UserError(error.message)));
}

await main(async () => {
  checkNode();
  install();
  // Imported only now: it needs what was installed.
  const { fetchProtos } = await import("./fetch-protos.mjs");
  fetchProtos();
  generate();
  if (!process.argv.includes("--build")) return;
  run("tsc", ["-b"]);
  removeStaleOutput();
  await writeSchemas();
  buildBpf();
  await installEnvoy();
});
