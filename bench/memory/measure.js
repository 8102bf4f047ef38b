import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { meshPlane, planReady, planRedirects } from "@rxds/mesh";
import { netLab, startEnvoy } from "@rxds/testkit";
import { serveXds } from "rxds";
import { firstValueFrom, of } from "rxjs";
import { meshOf, podAddress } from "./mesh.js";
import { atRest } from "./rest.js";
import { memoryOf } from "./smaps.js";

/**
 * @typedef {object} Variant
 * @property {"sidecar" | "node"} topology
 * @property {boolean} scoped
 *
 * @typedef {object} Result Sums over all Envoys of the variant, in MB.
 * @property {number} proxies How many Envoys there are.
 * @property {number} clusters How many clusters they have, the static one of their xDS server included.
 * @property {number} pss
 * @property {number} files What of `pss` is pages of files.
 * @property {number} rss
 * @property {number} allocated What Envoy itself has allocated.
 */

/**
 * Starts the Envoys of a mesh, and measures them when they have everything, and their memory has not moved for `restMs`.
 * @param {Variant & { readonly services: number, readonly pods: number, readonly restMs: number }} shape @returns {Promise<Result>}
 */
export async function measure(shape) {
  const mesh = meshOf(shape);
  const socket = join(tmpdir(), `rxds-memory-${randomUUID()}.sock`);
  const lab = await netLab();
  const plane = meshPlane(of(mesh));
  const server = await serveXds({ address: `unix:${socket}`, ...plane });
  try {
    const node = await lab.node("n1", { addresses: ["10.244.1.1"] });
    const pods = new Map();
    for (let i = 0; i < shape.pods; i++) {
      pods.set(`pods/pod-${i}`, await node.pod(`pod-${i}`, { addresses: [podAddress(i)] }));
    }
    const ids = planRedirects(mesh, "n1").groups.map(({ proxy }) => proxy);
    /** @type {import("@rxds/testkit").Envoy[]} */
    const envoys = [];
    try {
      for (const id of ids) {
        const [kind, name = ""] = id.split("~");
        const { netns } = kind === "node" ? node : pods.get(name);
        envoys.push(await startEnvoy({ netns, ads: `unix:${socket}`, node: { id, cluster: "mesh" }, concurrency: 1 }));
      }
      await planReady(await firstValueFrom(plane.redirectPlan("n1")), server, { deadlineMs: 300_000 });
      await server.converged(undefined, { clients: ids.length, deadlineMs: 60_000 });
      return await atRest(
        () => read(envoys),
        ({ pss }) => pss,
        { forMs: shape.restMs, deadlineMs: 60_000 },
      );
    } finally {
      await Promise.all(envoys.map((envoy) => envoy.stop()));
    }
  } finally {
    plane.close();
    await server.close();
    await lab.close();
    await rm(socket, { force: true });
  }
}

/**
 * The sums over Envoys as they are now.
 * @param {readonly import("@rxds/testkit").Envoy[]} envoys @returns {Promise<Result>}
 */
async function read(envoys) {
  const all = await Promise.all(envoys.map(({ pid }) => memoryOf(pid)));
  const allocated = await Promise.all(envoys.map(async (envoy) => Number((await envoy.memory()).allocated) / 1e6));
  return {
    proxies: envoys.length,
    clusters: await clustersOf(envoys),
    pss: sum(all.map((one) => one.pss)),
    files: sum(all.map((one) => one.files)),
    rss: sum(all.map((one) => one.rss)),
    allocated: sum(allocated),
  };
}

/** How many clusters all Envoys have together. @param {readonly import("@rxds/testkit").Envoy[]} envoys */
async function clustersOf(envoys) {
  const name = "cluster_manager.active_clusters";
  const stats = await Promise.all(envoys.map((envoy) => envoy.stats(`^${name}$`)));
  return sum(stats.map((one) => one.get(name) ?? 0));
}

/** @param {readonly number[]} numbers */
const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
