// A control plane in a process of its own, to be measured: told by messages what to serve, and asked what it holds.
import { createStore, edsCluster, endpoints, serveXds } from "rxds";

const store = createStore();
const server = await serveXds({ address: "127.0.0.1:0", snapshots: store });

process.on("message", async ({ clusters, streams }) => {
  if (clusters !== undefined) {
    store.update((tx) => {
      for (let i = 0; i < clusters; i++) tx.set(edsCluster({ name: `cluster-${i}` }));
      for (let i = 0; i < 50; i++) tx.set(endpoints(`cluster-${i}`, ["127.0.0.1:1"]));
    });
    process.send({ address: server.address });
    return;
  }
  await server.converged(undefined, { clients: streams });
  // What ACKs and writes leave behind is gone after some turns of the event loop.
  for (let i = 0; i < 5; i++) {
    await new Promise(setImmediate);
    globalThis.gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  process.send({ bytes: heapUsed + external });
});
process.on("disconnect", () => process.exit(0));
