import { compareWritten } from "./compare.js";
import { type DeltaParts, deltaRequest, type SotwParts, sotwRequest } from "./messages.js";
import { isFullState } from "./samples.js";
import type { XdsTestClient } from "./test-client.js";
import type { Topic } from "./topic.js";

/** A state-of-the-world request: what the client asks for by now. */
export function saySotw(client: XdsTestClient, topic: Topic, nonce: string, extra: SotwParts = {}): void {
  const { kind } = topic;
  const resourceNames = topic.star ? [...topic.names, "*"] : [...topic.names];
  if (client.around.exact ? nonce === topic.newest : true) tell(client, topic);
  client.around.trace(
    `${client.name} > ${kind} [${resourceNames.join(" ")}] nonce ${nonce} version ${topic.version} ${describeExtra(extra)}`,
  );
  client.wires.send(
    kind,
    sotwRequest({
      ...client.wires.node(kind),
      typeUrl: topic.url,
      resourceNames,
      versionInfo: topic.version,
      responseNonce: nonce,
      ...extra,
    }),
  );
}

/** The server hears what the client asks for, and what that means for what it rejected. */
function tell(client: XdsTestClient, topic: Topic): void {
  const { names: before, wildcard } = topic.told;
  const searched = topic.rejections.pending > 0 && topic.acked.size === 0;
  topic.tell();
  // What a client has kept from an older stream the server does not know. If the client drops what is tried before it has
  // accepted anything, nobody tells it again what is gone.
  const over = searched && topic.rejections.pending === 0;
  if (over && client.spec.protocol === "sotw" && isFullState(topic.kind)) topic.rejections.stay(topic.held.keys());
  if (!client.around.exact) return;
  const added = [...topic.names].filter((name) => !before.has(name));
  // Of a name that does not exist the server is silent: what is held of it stays.
  for (const name of added) topic.rejections.asked(name, !topic.held.has(name));
  if (topic.told.wildcard && !wildcard && !isFullState(topic.kind)) {
    topic.rejections.askedAll();
    topic.owe();
  }
  topic.owe(added);
  if (added.length > 0 || (topic.told.wildcard && !wildcard)) topic.stir();
  topic.prune();
}

/** A delta request. */
export function sayDelta(client: XdsTestClient, topic: Topic, extra: DeltaParts): void {
  const { kind } = topic;
  const told = extra.initialResourceVersions ?? {};
  const seen = client.around.seen(client);
  const changes = extra.resourceNamesSubscribe !== undefined || extra.resourceNamesUnsubscribe !== undefined;
  if (changes && seen !== undefined && compareWritten(client, topic, seen).length > 0) topic.repeats = true;
  for (const name of extra.resourceNamesUnsubscribe ?? []) {
    // Below a wildcard the client has to hear how it stands (rule 30).
    if (topic.wants.wildcard && topic.told.names.has(name)) topic.asked.add(name);
    else topic.asked.delete(name);
  }
  for (const name of extra.resourceNamesSubscribe ?? []) if (name !== "*" && !(name in told)) topic.asked.add(name);
  topic.tell();
  client.around.trace(`${client.name} > ${kind} ${describeExtra(extra)}`);
  client.wires.send(kind, deltaRequest({ ...client.wires.node(kind), typeUrl: topic.url, ...extra }));
}

function describeExtra(extra: object): string {
  return Object.entries(extra)
    .filter(([, value]) => typeof value === "string" || (typeof value === "object" && Object.keys(value).length > 0))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(" ");
}
