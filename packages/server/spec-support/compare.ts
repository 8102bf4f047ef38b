import { type Content, differences, expected } from "./model.js";
import { isFullState, type Kind } from "./samples.js";
import type { XdsTestClient } from "./test-client.js";
import type { Topic } from "./topic.js";

/** Whether the protocol has a way to say that a resource of that kind is gone. */
export function hearsOfRemovals(client: XdsTestClient, kind: Kind): boolean {
  return client.spec.protocol === "delta" ? kind !== "secret" : isFullState(kind);
}

/** Where what a client holds at rest is not what it asked for. */
export function compareHeld(client: XdsTestClient, topic: Topic, seen: Content): string[] {
  const due = expected(seen, topic.kind, topic.wants);
  const { rejections } = topic;
  const excused = (name: string, value: number | undefined) => rejections.mayLack(name, value);
  const found = differences(topic.held, due, topic.wants, excused, hearsOfRemovals(client, topic.kind));
  const clusters = expected(seen, "cluster", client.topic("cluster").wants);
  for (const name of topic.cold) {
    const rejected =
      rejections.mayLack(name, due.get(name)) ||
      client.topic("cluster").rejections.mayLack(name, clusters.get(name)) ||
      !topic.wanted(name);
    if (due.has(name) && !rejected) found.push(`${name}: its cluster changed and waits for its endpoints`);
  }
  if (topic.waits) found.push("asked for everything, and no answer");
  // Of a name that does not exist a delta client has to hear that (but for secrets: it would go on without them).
  const hears = (name: string) => due.has(name) || (client.spec.protocol === "delta" && topic.kind !== "secret");
  for (const name of topic.asked) if (hears(name)) found.push(`${name}: asked for, and no answer`);
  return found;
}

/** Where what was written to a client that keeps its answers to itself is not what it asked for. */
export function compareWritten(client: XdsTestClient, topic: Topic, seen: Content): string[] {
  const due = expected(seen, topic.kind, topic.told);
  const { rejections } = topic;
  const excused = (name: string, value: number | undefined) => rejections.mayWait(name, value);
  return differences(topic.written, due, topic.told, excused, hearsOfRemovals(client, topic.kind));
}
