// Makes a fresh clone ready: dependencies, proto files, generated code, descriptor images, and with --build the compiled
// packages and the Envoy binary. A step whose inputs are unchanged is skipped, so that a second run needs no network.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hash, main, retried, root, run, text, UserError } from "./run.mjs";

const PNPM = "pnpm@12.21.0";
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
  const inputs = () => hash(text("pnpm-lock.yaml"), text("pnpm-workspace.yaml"), text("package.json"), ...manifests());
  if (text("node_modules/.rxds-stamp") === inputs()) return;
  console.log("installing dependencies");
  const frozen = text("pnpm-lock.yaml") !== "" && !process.argv.includes("--update-lockfile");
  retried("installing dependencies", () =>
    run("npx", ["--yes", PNPM, "install", "--reporter=append-only", frozen ? "--frozen-lockfile" : "--no-frozen-lockfile"]),
  );
  writeFileSync(join(root, "node_modules/.rxds-stamp"), inputs());
}

const manifests = () =>
  ["envoy-api", "core", "server", "client", "testkit", "rxds"].map((name) => text(`packages/${name}/package.json`));

function generate() {
  const inputs = [text("protos/vendor/.stamp"), text("buf.yaml"), text("buf.gen.yaml"), text("pnpm-lock.yaml")];
  const stamp = hash(...inputs, SERVICES.join());
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

await main(async () => {
  checkNode();
  install();
  // Imported only now: the scripts above must work before anything is installed.
  const { fetchProtos } = await import("./fetch-protos.mjs");
  fetchProtos();
  generate();
  if (process.argv.includes("--build")) run("tsc", ["-b"]);
});
