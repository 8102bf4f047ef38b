import { createServer, type Server } from "node:net";
import type { World } from "./world.js";

/** Ports of 127.0.0.1 by what worlds call them. Envoy's own port 0 would not do: a renamed listener has to stay where it is. */
export interface Ports {
  readonly taken: ReadonlyMap<string, number>;
  /** Finds a port that is free just now for each that a world calls by a new name. */
  take(world: World): Promise<void>;
}

export function createPorts(): Ports {
  const taken = new Map<string, number>();
  return {
    taken,
    async take({ listeners }) {
      for (const { port } of listeners) if (!taken.has(port)) taken.set(port, await freePort());
    },
  };
}

async function freePort(): Promise<number> {
  const server = await listening();
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function listening(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}
