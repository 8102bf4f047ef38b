import type { Response } from "./messages.js";
import { isFullState } from "./samples.js";
import type { XdsTestClient } from "./test-client.js";
import type { Topic } from "./topic.js";
import type { Verdict } from "./verdict.js";

/** A client puts a response to use, as far as it does not reject it. Returns the clusters that have changed by that. */
export function apply(
  client: XdsTestClient,
  topic: Topic,
  response: Response,
  verdict: Verdict | undefined,
): readonly string[] {
  const sotw = client.spec.protocol === "sotw";
  const whole = sotw && isFullState(topic.kind);
  const changed: string[] = [];
  const present = new Set(response.resources.map(({ name }) => name));
  for (const name of whole ? [...topic.held.keys()] : []) if (!present.has(name)) topic.forget(name);
  for (const name of response.removed) {
    // It goes on to say that it has what a response took away that it rejected, as Envoy does.
    if (verdict === undefined) topic.forget(name);
    else topic.held.delete(name);
  }
  for (const { name, value, version } of response.resources) {
    // State of the world: until the server knows that a name was dropped, it may count on its being used.
    const counted = sotw && (topic.told.wildcard || topic.told.names.has(name));
    if (!(topic.wanted(name) || counted) || verdict?.refused.has(name)) continue;
    if (topic.kind === "cluster" && topic.held.has(name) && topic.held.get(name) !== value) changed.push(name);
    if (topic.kind === "endpoints") topic.cold.delete(name);
    topic.held.set(name, value);
    if (verdict === undefined) topic.accepted.set(name, version);
  }
  if (verdict !== undefined) {
    // It holds something that no version stands for.
    topic.version = "";
    return changed;
  }
  topic.version = response.version;
  topic.versionOf = new Map(response.resources.map(({ name, value }) => [name, value]));
  topic.shrunk = false;
  return changed;
}
