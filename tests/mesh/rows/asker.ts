import { planRedirects } from "@rxds/mesh";
import type { HttpEcho, HttpOutcome } from "@rxds/testkit";
import type { World } from "../lab/world.js";
import type { Answer, Asker } from "./row.js";

/** Asks from the pods of a world. */
export function createAsker(world: World): Asker {
  const agent = (from: string) => {
    const pod = world.pods.get(full(from));
    if (pod === undefined) throw new Error(`there is no pod ${full(from)}`);
    return pod.agent();
  };
  const addresses = (service: string) => {
    const document = world.mesh().documents.get(`Service ${full(service)}`);
    if (document?.kind !== "Service") throw new Error(`there is no service ${full(service)}`);
    return document.spec.addresses ?? [];
  };
  const asker: Asker = {
    world,
    addresses,
    async http(from, service, { port = 80, ...request } = {}) {
      return answerOf(await (await agent(from)).http({ address: addresses(service)[0]!, port, ...request }));
    },
    async brief(from, service, request) {
      const { status, by, error } = await asker.http(from, service, request);
      return error ?? `${status}${by === undefined ? "" : ` ${by}`}`;
    },
    async tcp(from, service, port, send) {
      const outcome = await (await agent(from)).tcp({
        address: addresses(service)[0]!,
        port,
        ...(send === undefined ? {} : { send }),
      });
      return outcome.error ?? outcome.received.trim();
    },
    async udp(from, service, port, send) {
      const outcome = await (await agent(from)).udp({ address: addresses(service)[0]!, port, send });
      return outcome.error ?? outcome.received.trim();
    },
    async stat(from, cluster, name) {
      // In names of statistics a colon is an underscore.
      const key = `cluster.${cluster.replaceAll(":", "_")}.${name}`;
      const stats = await world.envoy(proxyOf(world, full(from))).stats(`^${key.replaceAll(".", "\\.")}$`);
      return stats.get(key) ?? 0;
    },
    async growth(from, cluster, name, action) {
      const before = await asker.stat(from, cluster, name);
      await action();
      return (await asker.stat(from, cluster, name)) - before;
    },
  };
  return asker;
}

const full = (name: string) => (name.includes("/") ? name : `default/${name}`);

/** The proxy that carries a workload's connections. */
export function proxyOf(world: World, workload: string): string {
  for (const node of world.nodes.keys()) {
    for (const { proxy, workloads } of planRedirects(world.mesh(), node).groups) {
      if (workloads.some(({ name }) => name === workload)) return proxy;
    }
  }
  throw new Error(`${workload} is not enrolled`);
}

function answerOf(outcome: HttpOutcome): Answer {
  if (outcome.error !== undefined) return { error: outcome.error };
  const { status, headers, body } = outcome;
  // What a backend answers is JSON, what a proxy answers itself is not.
  if (!body.startsWith("{")) return { status, headers };
  const echo = JSON.parse(body) as HttpEcho;
  return { status, headers, by: echo.name, path: echo.path, received: echo.headers };
}
