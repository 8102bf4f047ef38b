import { compareWritten } from "./compare.js";
import type { Oddity } from "./history.js";
import { deltaRequest, sotwRequest } from "./messages.js";
import { expected } from "./model.js";
import { isFullState, UNKNOWN_URL } from "./samples.js";
import type { XdsTestClient } from "./test-client.js";
import type { Topic } from "./topic.js";

const NO_NONCE = "no-such-nonce";
const ERROR = { code: 13, message: "rejected: once more" };

type Act = (client: XdsTestClient, topic: Topic) => void;

/** What needs a stream on which the kind was asked for. */
const ACTS: Readonly<Record<Exclude<Oddity, "garbage" | "unknown type">, Act>> = {
  "stale ACK": (client, topic) => repeat(client, topic, stale(topic)),
  "stale NACK": (client, topic) => repeat(client, topic, stale(topic), { errorDetail: ERROR }),
  "unknown nonce": (client, topic) => repeat(client, topic, NO_NONCE),
  "NACK of what was answered"(client, topic) {
    if (isAnswered(topic)) repeat(client, topic, topic.newest, { errorDetail: ERROR });
  },
  "ACK of what was answered"(client, topic) {
    if (!isAnswered(topic)) return;
    // In the state of the world that is how a client asks again for what it watches anew (rule 24).
    rewatch(client, topic);
    topic.stir();
    topic.owe();
    repeat(client, topic, topic.newest);
  },
  "second node": (client, topic) => repeat(client, topic, NO_NONCE, { node: anotherNode(client) }),
  "unsubscribe from what was never asked for"(client, topic) {
    if (client.spec.protocol === "sotw") return;
    client.wires.send(topic.kind, deltaRequest({ ...base(client, topic), ...withoutNothing(topic) }));
  },
  flood: (client, topic) => flood(client, topic, 50),
  "great flood": (client, topic) => flood(client, topic, 20_000),
};

/** A client does something that is against the protocol, or that nobody would do. What has to follow: nothing, mostly. */
export function beOdd(client: XdsTestClient, topic: Topic, what: Oddity): void {
  client.around.trace(`    (${client.name} ${what} ${topic.kind})`);
  if (what === "garbage") client.wires.sendBad(topic.kind, Buffer.from([0x0a, 0xff, 0xff, 0xff]));
  else if (what === "unknown type") askForUnknown(client, topic);
  else if (topic.begun) ACTS[what](client, topic);
}

/** Whether the newest response was answered: what was not is answered for by whoever comes first. */
function isAnswered({ answers, nonces, newest }: Topic): boolean {
  return answers.length === 0 && newest !== "" && nonces.at(-1) === newest;
}

function base(client: XdsTestClient, topic: Topic) {
  return { ...client.wires.node(topic.kind), typeUrl: topic.url };
}

/** How often a repeated request is answered at least. */
const LEAST_REWATCHES = 8;

/** Notes what has to come again, where that is sure: of a type of which each response is a part, when all else was said. */
function rewatch(client: XdsTestClient, topic: Topic): void {
  const { around, spec } = client;
  const seen = around.seen(client);
  if (!around.exact || seen === undefined || spec.protocol === "delta" || isFullState(topic.kind)) return;
  const said = topic.stirred === topic.stirredAtWrite && compareWritten(client, topic, seen).length === 0;
  if (!said || topic.told.wildcard || ++topic.rewatches > LEAST_REWATCHES) return;
  for (const [name, value] of expected(seen, topic.kind, topic.told)) {
    if (!topic.rejections.mayWait(name, value)) topic.asked.add(name);
  }
}

/** Unsubscriptions that change nothing: of names that are not asked for one by one, and of a wildcard that there is not. */
function withoutNothing({ names, wants }: Topic) {
  const other = ["a", "b", "c", "never"].filter((name) => !names.has(name));
  return { resourceNamesUnsubscribe: wants.wildcard ? other : [...other, "*"] };
}

/** Says again what was said last, with a nonce of choice. */
function repeat(
  client: XdsTestClient,
  topic: Topic,
  responseNonce: string | undefined,
  more: { readonly errorDetail?: typeof ERROR; readonly node?: { readonly id: string; readonly cluster: string } } = {},
): void {
  if (responseNonce === undefined) return;
  const parts = { ...base(client, topic), responseNonce, ...more };
  if (client.spec.protocol === "delta") client.wires.send(topic.kind, deltaRequest(parts));
  else {
    const { names, star, version: versionInfo } = topic;
    const resourceNames = star ? [...names, "*"] : [...names];
    client.wires.send(topic.kind, sotwRequest({ ...parts, versionInfo, resourceNames }));
  }
}

/** The nonce of a response that was answered before the newest one. */
function stale({ nonces, newest, answers }: Topic): string | undefined {
  return nonces.find((nonce) => nonce !== newest && !answers.some((answer) => answer.nonce === nonce));
}

/** A node that would be shown something else. */
function anotherNode({ spec }: XdsTestClient) {
  return { id: "another", cluster: spec.key === "x" ? "y" : "x" };
}

/** Asks for very many names that do not exist, and at once for none of them any more. */
function flood(client: XdsTestClient, topic: Topic, count: number): void {
  const names = Array.from({ length: count }, (_, i) => `flood-${i}`);
  const { wires, spec } = client;
  if (spec.protocol === "delta") {
    wires.send(topic.kind, deltaRequest({ ...base(client, topic), resourceNamesSubscribe: names }));
    wires.send(topic.kind, deltaRequest({ ...base(client, topic), resourceNamesUnsubscribe: names }));
    // Below a wildcard it is told that each is not there (rule 30).
    topic.stir();
    return;
  }
  // A first name ends the wildcard of old.
  if (topic.legacy || topic.answers.length > 0 || topic.nonce !== topic.newest) return;
  const mine = topic.star ? [...topic.names, "*"] : [...topic.names];
  for (const resourceNames of [[...mine, ...names], mine]) {
    const parts = { ...base(client, topic), versionInfo: topic.version, responseNonce: topic.nonce, resourceNames };
    wires.send(topic.kind, sotwRequest(parts));
  }
  topic.stir();
}

/** Asks for a type that nobody has: served as one that is empty, but on a stream that is for another type. */
function askForUnknown(client: XdsTestClient, { kind }: Topic): void {
  const { wires, spec } = client;
  const common = { ...wires.node(kind), typeUrl: UNKNOWN_URL };
  const bytes =
    spec.protocol === "delta"
      ? deltaRequest({ ...common, resourceNamesSubscribe: ["a", "*"] })
      : sotwRequest({ ...common, resourceNames: ["a", "*"] });
  if (spec.aggregated) wires.send(kind, bytes);
  else wires.sendBad(kind, bytes);
}
