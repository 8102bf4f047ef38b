import { hearsOfRemovals } from "./compare.js";
import type { Response } from "./messages.js";
import { type Content, differences, expected } from "./model.js";
import { isFullState, type Kind } from "./samples.js";
import type { XdsTestClient } from "./test-client.js";
import type { Topic } from "./topic.js";

type Wrong = (what: string) => void;

/** What the server writes has to be right at the moment when it does. `seen`: what the client is shown by then. */
export function checkWritten(
  client: XdsTestClient,
  topic: Topic,
  response: Response,
  seen: Content | undefined,
  fail: (message: string) => void,
): void {
  const wrong = (what: string) => fail(`${client.name} was written ${topic.kind}: ${what}`);
  if (seen === undefined) {
    wrong("before there is a configuration");
    return;
  }
  // That something is gone that the client never had may be said late, and costs little.
  const late = response.removed.length > 0 && !response.removed.some((name) => topic.rejections.keeps(name));
  const counts = response.resources.length > 0 || !late;
  if (counts && topic.allowance !== undefined && --topic.allowance < 0) {
    wrong("again after a rejection, though nothing has changed and all that was in it was tried");
  }
  const due = expected(seen, topic.kind, topic.told);
  if (client.spec.protocol === "sotw" && isFullState(topic.kind)) checkWhole(client, topic, response, due, seen, wrong);
  else checkParts(client, topic, response, due, seen, wrong);
  if (client.spec.aggregated) checkOrder(client, topic, seen, wrong);
}

/** A response that is the full state: all that is due, and what the client accepted last in place of what it rejected. */
function checkWhole(
  client: XdsTestClient,
  { acked, rejections, told, kind }: Topic,
  { resources }: Response,
  due: ReadonlyMap<string, number>,
  seen: Content,
  wrong: Wrong,
): void {
  const said = new Map(resources.map(({ name, value }) => [name, value]));
  // What is gone goes on to be said as long as something new may lead to it.
  const lingers = kind === "cluster" && client.spec.aggregated;
  const must = lingers && switching(client, seen).length > 0;
  for (const name of new Set([...said.keys(), ...due.keys(), ...acked.keys()])) {
    const [is, should, was] = [said.get(name), due.get(name), acked.get(name)];
    const wanted = told.wildcard || told.names.has(name);
    const gone = should === undefined && was !== undefined && wanted;
    const entry = should === undefined ? undefined : rejections.stateOf(name, should);
    const right =
      (is === should && (entry?.state !== "kept" || entry.permitted) && !(gone && must)) ||
      (is === was && (entry !== undefined || (gone && lingers)));
    if (!right) wrong(`${name}=${is}, not ${should}; ${was} was accepted, and ${entry?.state ?? "nothing"} rejected`);
  }
}

function checkParts(
  client: XdsTestClient,
  topic: Topic,
  response: Response,
  due: ReadonlyMap<string, number>,
  seen: Content,
  wrong: Wrong,
): void {
  const { rejections, told, written } = topic;
  // Nobody says which secret is bad, and once is all there is.
  if (topic.kind === "secret" && response.resources.length > 1) wrong("several secrets in one response");
  for (const { name, value } of response.resources) {
    if (due.get(name) !== value) wrong(`${name}=${value}, which is ${due.get(name) ?? "not for it"}`);
    const entry = rejections.stateOf(name, value);
    // In the state of the world a response repeats what others have said that were not answered.
    const repeats = client.spec.protocol === "sotw" && topic.flights.size > 0;
    if (!repeats && entry === undefined && topic.isIdle(name, value)) {
      wrong(`${name}=${value} again, for no reason`);
    }
    if (entry === undefined || entry.permitted) continue;
    if (entry.state === "kept") wrong(`${name}=${value}, which it has rejected`);
    if (entry.state === "alone" && topic.allowance !== undefined && response.resources.length > 1) {
      wrong(`${name}=${value} with others, though one of those that were with it is bad`);
    }
  }
  const leads = client.spec.aggregated ? leading(client, topic.kind, seen) : [];
  for (const name of response.removed) {
    if (due.has(name)) wrong(`${name} as removed, which is ${due.get(name)}`);
    if (!told.wildcard && !told.names.has(name)) wrong(`${name} as removed, which it did not ask for`);
    if (leads.length > 0 && written.has(name)) {
      wrong(`${name} as removed before ${leads.join(", ")}`);
    }
  }
}

/** What has to be written before something is said to be gone: whatever may lead to it. */
function leading(client: XdsTestClient, kind: Kind, seen: Content): readonly string[] {
  if (kind === "cluster") return switching(client, seen);
  if (kind === "endpoints") return [...switching(client, seen), ...lacking(client, "cluster", seen, true)];
  return [];
}

/** News that was not written, and after which nothing may lead any more to what is gone. */
function switching(client: XdsTestClient, seen: Content): readonly string[] {
  const kinds: readonly Kind[] = ["listener", "routes"];
  return kinds.flatMap((kind) => lacking(client, kind, seen, hearsOfRemovals(client, kind)));
}

/** What sends traffic somewhere comes after what it sends it to. */
function checkOrder(client: XdsTestClient, topic: Topic, seen: Content, wrong: Wrong): void {
  const before: readonly Kind[] =
    topic.kind === "listener" ? ["cluster"] : topic.kind === "routes" ? ["cluster", "listener"] : [];
  for (const kind of before) {
    // What is removed of clusters comes after.
    const late = lacking(client, kind, seen, kind !== "cluster");
    if (late.length > 0) wrong(`before ${kind} ${late.join(", ")}`);
  }
}

/** What a client was not written of a kind, though nothing stands in the way. */
function lacking(client: XdsTestClient, kind: Kind, seen: Content, removals: boolean): string[] {
  const topic = client.topic(kind);
  if (!topic.begun) return [];
  const due = expected(seen, kind, topic.told);
  return differences(topic.written, due, topic.told, (name, value) => topic.rejections.mayWait(name, value), removals);
}
