// rxds behind the control protocol of the peer benchmarks.
// Usage: node [--expose-gc] rxds-server.js --xds HOST:PORT --control HOST:PORT
import { parseArgs } from "node:util";
import { serveXds } from "rxds";
import { serveControl } from "./rxds/control.js";
import { createState } from "./rxds/state.js";

const { values } = parseArgs({ options: { xds: { type: "string" }, control: { type: "string" } } });
if (values.xds === undefined || values.control === undefined) {
  console.error("usage: node [--expose-gc] rxds-server.js --xds HOST:PORT --control HOST:PORT");
  process.exit(2);
}
const colon = values.control.lastIndexOf(":");

const state = createState();
const server = await serveXds({
  address: values.xds,
  snapshots: state.snapshots,
  scope: state.scope,
  limits: { streamsPerConnection: 1 << 20 },
});
serveControl(values.control.slice(0, colon), Number(values.control.slice(colon + 1)), {
  state,
  streams: () => server.clients().length,
});
process.on("SIGTERM", () => process.exit(0));
