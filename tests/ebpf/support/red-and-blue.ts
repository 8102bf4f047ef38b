import type { LabAgent } from "@rxds/testkit";
import { startWorld, type World, type WorldOptions } from "../../mesh/lab/world.js";
import { buildTestkit } from "../../testkit/lab-support.js";
import { COLOURS, testMesh } from "./documents.js";

/** A world of two services, redirected in the kernel. */
export interface RedAndBlue extends AsyncDisposable {
  readonly world: World;
  /** The agent of a pod of namespace default. */
  agent(pod: string): Promise<LabAgent>;
}

/** Makes the world, and starts what the backends serve: HTTP on 9000, TCP on 9001, UDP on 9002. */
export async function redAndBlue(options: WorldOptions = {}): Promise<RedAndBlue> {
  buildTestkit();
  const world = await startWorld(testMesh(), { redirect: "ebpf", ...options });
  const agent = (pod: string) => world.pods.get(`default/${pod}`)!.agent();
  try {
    for (const name of COLOURS) {
      const backend = await agent(name);
      await backend.serveHttp({ port: 9000, name });
      await backend.serveTcp({ port: 9001, name });
      await backend.serveUdp({ port: 9002, name });
    }
  } catch (error) {
    await world[Symbol.asyncDispose]();
    throw error;
  }
  return { world, agent, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}
