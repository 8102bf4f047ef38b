import type { ClientStatus } from "../src/status/client-status.js";
import { expected } from "./model.js";
import type { Surroundings } from "./surroundings.js";
import type { XdsTestClient } from "./test-client.js";
import type { Topic } from "./topic.js";

/**
 * At rest nothing is under way, waits or is tried; what is kept from clients is what they rejected; broken streams are ended,
 * and nothing is left of those that are over.
 */
export function checkStatuses(
  clients: readonly XdsTestClient[],
  statuses: readonly ClientStatus[],
  { fail }: Surroundings,
): void {
  const open = clients.reduce((sum, { wires }) => sum + wires.size, 0);
  if (statuses.length !== open) fail(`the server knows ${statuses.length} streams of ${open}`);
  for (const client of clients) {
    const ready = client.around.seen(client) !== undefined;
    if (client.wires.doomed && ready) fail(`a stream of ${client.name} goes on after what should have ended it`);
    const types = statuses.filter(({ node }) => node.id === client.name).flatMap(({ types }) => types);
    for (const { type, pending, inFlight, onTrial, quarantined } of types) {
      if (pending || inFlight.length + onTrial.length > 0) fail(`${client.name} is not at rest with ${type}`);
      const topic = [...client.topics.values()].find(({ url }) => url === type);
      if (topic === undefined || !client.connected) continue;
      checkKept(client, topic, new Set(quarantined.map(({ name }) => name)), fail);
    }
  }
}

function checkKept(client: XdsTestClient, topic: Topic, kept: ReadonlySet<string>, fail: (what: string) => void): void {
  const due = expected(client.around.seen(client) ?? new Map(), topic.kind, topic.told);
  for (const name of new Set([...kept, ...due.keys()])) {
    const entry = topic.rejections.stateOf(name, due.get(name));
    const is = kept.has(name);
    const should = due.has(name) && entry?.state === "kept";
    if (is !== should && entry?.permitted !== true) {
      fail(
        `${client.name} ${topic.kind}: ${name} is ${is ? "" : "not "}kept from it, and should ${should ? "" : "not "}be`,
      );
    }
  }
}
