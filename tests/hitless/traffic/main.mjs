// The process of the backends and of the load: neither waits for the control plane's event loop.
import { startBackends } from "./backends.mjs";
import { startLoad } from "./load.mjs";

/** How often outcomes are handed over. */
const REPORT_MS = 50;

/** @type {object[]} */
let outcomes = [];
/** @type {{ target: string, port: number, host: string, path: string }[]} */
let targets = [];
/** @type {(() => Promise<void>) | undefined} */
let stop;

function handOver() {
  if (outcomes.length > 0) process.send?.({ kind: "outcomes", outcomes });
  outcomes = [];
}

process.on("message", async (/** @type {any} */ message) => {
  if (message.kind === "backends") {
    const addresses = await startBackends(message.plain, message.tls, message.credentials);
    process.send?.({ kind: "backends", addresses });
  } else if (message.kind === "targets") {
    targets = message.targets;
  } else if (message.kind === "start") {
    setInterval(handOver, REPORT_MS);
    stop = startLoad(
      message.load,
      () => targets,
      (outcome) => outcomes.push(outcome),
    );
  } else if (message.kind === "stop") {
    await stop?.();
    handOver();
    process.send?.({ kind: "stopped" });
  }
});
// Nothing outlives the lab.
process.on("disconnect", () => process.exit());
