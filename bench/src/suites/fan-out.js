import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import { createStore, serveXds, typeUrls } from "rxds";
import { casesOf } from "../cases.js";
import { assignment, cluster, nextStamp, resources } from "../data.js";

const COUNTERS = ["touched", "walked", "bodies", "sent", "namesDecoded"];

/**
 * A server with raw clients over loopback (in a thread of their own). Timed: from a commit until every stream has
 * acknowledged it; and how long the server's thread was busy meanwhile.
 * @type {import("../cases.js").Suite}
 */
export const fanOut = {
  name: "fan-out",
  async cases(size) {
    const store = createStore();
    store.update((tx) => {
      for (const resource of resources(size)) tx.set(resource);
    });
    return [
      await changes(store, size, {
        name: "100 streams, the same 50 EDS names",
        streams: 100,
        subscriptions: [{ typeUrl: typeUrls.endpoints, names: Array.from({ length: 50 }, (_, i) => `c-${i}`) }],
        change: () => assignment(0, nextStamp()),
      }),
      await changes(store, size, {
        name: "10 streams, CDS *",
        streams: 10,
        subscriptions: [{ typeUrl: typeUrls.cluster, names: [] }],
        change: () => cluster(0, nextStamp()),
      }),
    ];
  },
};

/**
 * @typedef {object} Audience
 * @property {string} name
 * @property {number} streams
 * @property {{ typeUrl: string, names: string[] }[]} subscriptions
 * @property {() => import("rxds").Resource} change
 */

/** @param {import("rxds").Store} store @param {number} size @param {Audience} audience */
async function changes(store, size, { name, streams, subscriptions, change }) {
  const server = await serveXds({ address: "127.0.0.1:0", snapshots: store });
  const { address } = server;
  const worker = new Worker(new URL("../raw-clients.js", import.meta.url), {
    workerData: { address, streams, subscriptions },
  });
  await once(worker, "message");
  while (server.clients().filter(({ types }) => types.length === subscriptions.length).length < streams) {
    await new Promise(setImmediate);
  }
  await server.converged(undefined, { deadlineMs: 120_000 });
  /** The busy time of each change, in ms. @type {number[]} */
  const busy = [];
  const run = async () => {
    const before = performance.eventLoopUtilization();
    store.update((tx) => tx.set(change()));
    await server.converged();
    busy.push(performance.eventLoopUtilization(before).active);
  };
  const close = async () => {
    await worker.terminate();
    await server.close(0);
  };
  const also = { name: `${name}: server busy`, samples: busy };
  return casesOf("fan-out", size)(`${name}: until all have acknowledged`, run, { counters: COUNTERS, also, close });
}
