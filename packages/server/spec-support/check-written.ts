import type { Response } from "./messages.js";
import { type Content, differences, expected } from "./model.js";
import { isFullState, type Kind } from "./samples.js";
import type { XdsTestClient } from "./test-client.js";
import type { Topic } from "./topic.js";

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
  const due = expected(seen, topic.kind, topic.told);
  if (topic.quiet) wrong("again after a rejection, though nothing has changed");
  for (const { name, value } of response.resources) {
    if (due.get(name) !== value) wrong(`${name}=${value}, which is ${due.get(name) ?? "not for it"}`);
  }
  for (const name of response.removed) {
    if (due.has(name)) wrong(`${name} as removed, which is ${due.get(name)}`);
    if (!topic.told.wildcard && !topic.told.names.has(name)) wrong(`${name} as removed, which it did not ask for`);
  }
  if (client.spec.protocol === "sotw" && isFullState(topic.kind) && response.resources.length < due.size) {
    wrong(`not all of ${[...due.keys()].join(" ")}`);
  }
  if (client.spec.aggregated) checkOrder(client, topic, seen, wrong);
}

/** What sends traffic somewhere comes after what it sends it to. */
function checkOrder(client: XdsTestClient, topic: Topic, seen: Content, wrong: (what: string) => void): void {
  const before: readonly Kind[] =
    topic.kind === "listener" ? ["cluster"] : topic.kind === "routes" ? ["cluster", "listener"] : [];
  for (const kind of before) {
    const earlier = client.topic(kind);
    if (!earlier.begun) continue;
    const due = expected(seen, kind, earlier.told);
    const lacking = differences(earlier.written, due, earlier.told, earlier.rejected, true);
    if (lacking.length > 0) wrong(`before ${kind} ${lacking.join(", ")}`);
  }
}
