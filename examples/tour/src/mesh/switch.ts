import { type AgentLoad, eventually, type LoadResult } from "@rxds/testkit";
import type { Topology } from "./documents.js";
import { virtualIp } from "./places.js";
import type { RunningMesh } from "./running-mesh.js";

/** The service that requests go to, and the pods that they come from. */
export const LOAD = { to: "orders", from: ["web-1", "web-2"] } as const;

/** What a change of the topology did to the requests that went on meanwhile. */
export interface SwitchOutcome {
  readonly requests: number;
  readonly failed: number;
  /** How often each kind of failure happened. */
  readonly failures: Readonly<Record<string, number>>;
  /** How long it took until everything was as it is to be. */
  readonly ms: number;
}

/** Changes the topology while pods send requests. */
export async function switchTopology(mesh: RunningMesh, topology: Topology): Promise<SwitchOutcome> {
  const loads = await startLoads(mesh);
  await progress(loads);
  const start = performance.now();
  await mesh.setTopology(topology);
  await mesh.settled(topology);
  const ms = performance.now() - start;
  await progress(loads);
  const results = await Promise.all(loads.map((load) => load.stop()));
  const sum = (of: (result: LoadResult) => number) => results.reduce((total, result) => total + of(result), 0);
  const failures: Record<string, number> = {};
  for (const [kind, count] of results.flatMap((result) => Object.entries(result.failures))) {
    failures[kind] = (failures[kind] ?? 0) + count;
  }
  return { requests: sum(({ requests }) => requests), failed: sum(({ failed }) => failed), failures, ms };
}

/** From each pod on connections that stay, and on such that are new every few requests. */
async function startLoads({ mesh, pods }: RunningMesh): Promise<AgentLoad[]> {
  const url = `http://${virtualIp(mesh, `shop/${LOAD.to}`)}/`;
  const loads = LOAD.from.map(async (name) => {
    const agent = await pods.get(`shop/${name}`)!.agent();
    const options = { url, loops: 2, intervalMs: 5, failFrom: 300 };
    return Promise.all([agent.startLoad(options), agent.startLoad({ ...options, newConnectionEvery: 5 })]);
  });
  return (await Promise.all(loads)).flat();
}

/** Resolves when each load has sent a number of requests more. */
async function progress(loads: readonly AgentLoad[]): Promise<void> {
  const counts = () => Promise.all(loads.map(async (load) => (await load.report()).requests));
  const before = await counts();
  await eventually(async () => (await counts()).every((count, i) => count >= before[i]! + 50), {
    deadlineMs: 20_000,
    describe: "requests go on",
  });
}
