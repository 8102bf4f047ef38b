import { fileURLToPath } from "node:url";
import { eventually, netLab, startEnvoy } from "@rxds/testkit";
import { goesFirst, PRIORITY, pin } from "./cpus.js";
import { resourcesOf } from "./envoy.js";
import { trackedIn, untrack } from "./tracking.js";

/**
 * @typedef {import("./envoy.js").Door} Door
 * @typedef {object} Load How much is done in each turn of a way.
 * @property {number} pings
 * @property {number} connections
 * @property {number} bursts Of 8 MiB.
 *
 * @typedef {object} Figures What the client measured in one turn.
 * @property {number} p50Us
 * @property {number} p99Us
 * @property {number} connectionsPerSecond
 * @property {number} gbitPerSecond
 *
 * @typedef {Figures & { readonly opened: number }} Measured With how many connections it opened.
 *
 * @typedef {Awaited<ReturnType<typeof makeLab>>} Lab
 */

const NODE = "10.244.1.1";
const CLIENT = "10.244.1.10";

/**
 * The doors of Envoy and the backend. `virtual` is nobody's address: what is dialed there has to be redirected, to `rules` by iptables, to `hook`
 * by the connect hook. Not to the same door: connection tracking remembers a connection for two minutes after its end, and gives a new one
 * that would look like it in answers another source port. That of a redirect by iptables and one to its very target do.
 */
export const DOORS = {
  backend: { address: "10.244.1.20", port: 9000 },
  explicit: { address: NODE, port: 15010 },
  rules: { address: NODE, port: 15002 },
  hook: { address: NODE, port: 15001 },
  virtual: { address: "10.96.0.10", port: 80 },
};

const PEER = fileURLToPath(new URL("peer.py", import.meta.url));

/** Longer than the backend is ever needed. It ends with the lab. */
const SERVES_MS = 3_600_000;
/** A turn that takes so long hangs. */
const TURN_MS = 120_000;

/**
 * A node with an Envoy, and two pods, a client and a backend. Envoy and what runs in the pods share one CPU, at the same priority. Nothing tracks connections.
 *
 * @param {number} cpu
 */
export async function makeLab(cpu) {
  const lab = await netLab({ virtualRanges: ["10.96.0.0/16"], cgroups: true, bpffs: true });
  try {
    const node = await lab.node("n1", { addresses: [NODE] });
    const client = await node.pod("client", { addresses: [CLIENT] });
    const backend = await node.pod("backend", { addresses: [DOORS.backend.address] });
    const places = [node, client, backend];
    for (const place of places) await untrack(place);
    const envoy = await startEnvoy({
      netns: node.netns,
      cgroup: node.envoyCgroup,
      concurrency: 1,
      staticResources: resourcesOf(DOORS),
    });
    const close = async () => {
      await envoy.stop();
      await lab.close();
    };
    try {
      await envoy.ready();
      pin(envoy.pid, String(cpu));
      goesFirst(envoy.pid);
      /** @param {import("@rxds/testkit").LabPod} pod @param {readonly unknown[]} args @param {number} timeoutMs */
      const peer = (pod, args, timeoutMs) =>
        pod.run("python3", [PEER, ...[cpu, PRIORITY, ...args].map(String)], { timeoutMs });
      const serving = peer(backend, ["serve", DOORS.backend.port], SERVES_MS);
      /** @param {Door} door @param {Load} load @returns {Promise<Measured>} */
      const measure = async ({ address, port }, { pings, connections, bursts }) => {
        const { stdout, stderr, code } = await peer(
          client,
          ["measure", address, port, pings, connections, bursts],
          TURN_MS,
        );
        if (code !== 0) throw new Error(`the client ended with ${code}: ${stderr}`);
        return JSON.parse(stdout);
      };
      const probe = { pings: 1, connections: 1, bursts: 1 };
      await answers(serving, () => measure(DOORS.backend, probe));
      await measure(DOORS.explicit, probe);
      for (const place of places) {
        const count = await trackedIn(place);
        if (count > 0) throw new Error(`expected nothing to track connections in ${place.name}; ${count} are`);
      }
      return { node, client, envoy, bpffs: lab.bpffs, measure, close };
    } catch (error) {
      await envoy.stop();
      throw error;
    }
  } catch (error) {
    await lab.close();
    throw error;
  }
}

/** Waits until the backend answers. @param {Promise<{ readonly stderr: string }>} serving @param {() => Promise<unknown>} probe */
async function answers(serving, probe) {
  let ended = "";
  serving.then(
    ({ stderr }) => {
      ended = stderr || "it ended";
    },
    (error) => {
      ended = String(error);
    },
  );
  await eventually(
    async () => {
      await probe();
      return true;
    },
    { deadlineMs: 20_000, describe: () => `the backend answers ${ended}` },
  );
}
