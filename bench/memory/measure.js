import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { meshPlane, planReady, planRedirects } from "@rxds/mesh";
import { eventually, netLab, startEnvoy } from "@rxds/testkit";
import { serveXds } from "rxds";
import { firstValueFrom, of } from "rxjs";
import { meshOf, podAddress } from "./mesh.js";
import { memoryOf } from "./smaps.js";

/**
 * @typedef {object} Variant
 * @property {"sidecar" | "node"} topology
 * @property {boolean} scoped
 *
 * @typedef {object} Result Sums over all Envoys of the variant, in MB.
 * @property {number} proxies
 * @property {number} pss
 * @property {number} rss
 * @property {number} allocated What Envoy itself has allocated.
 */

/** Two readings that differ by less are the same, in MB. */
const STILL = 0.5;

/**
 * Starts the Envoys of a mesh, and measures them when they have everything and do nothing.
 * @param {Variant & { readonly services: number, readonly pods: number }} shape @returns {Promise<Result>}
 */
export async function measure(shape) {
  const mesh = meshOf(shape);
  const socket = join(tmpdir(), `rxds-memory-${randomUUID()}.sock`);
  const plane = meshPlane(of(mesh));
  const lab = await netLab();
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
        envoys.push(await startEnvoy({ netns, ads: `unix:${socket}`, node: { id, cluster: "mesh" } }));
      }
      await planReady(await firstValueFrom(plane.redirectPlan("n1")), server, { deadlineMs: 300_000 });
      await server.converged(undefined, { clients: ids.length, deadlineMs: 60_000 });
      return await atRest(envoys);
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

/** @param {readonly import("@rxds/testkit").Envoy[]} envoys */
async function atRest(envoys) {
  let last = Number.NaN;
  return eventually(
    async () => {
      const all = await Promise.all(envoys.map(({ pid }) => memoryOf(pid)));
      const allocated = await Promise.all(envoys.map(async (envoy) => Number((await envoy.memory()).allocated) / 1e6));
      const pss = sum(all.map((one) => one.pss));
      const moved = Math.abs(pss - last);
      last = pss;
      if (!(moved < STILL)) throw new Error(`the memory still moves by ${moved} MB`);
      return { proxies: envoys.length, pss, rss: sum(all.map((one) => one.rss)), allocated: sum(allocated) };
    },
    { deadlineMs: 60_000, describe: "the memory is at rest" },
  );
}

/** @param {readonly number[]} numbers */
const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
