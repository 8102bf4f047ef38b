import { eventually, rawXds } from "@rxds/testkit";
import { createStore, serveXds, typeUrls } from "rxds";
import { expect, test } from "vitest";
import { large } from "../serve/large.js";
import { nonReader } from "../serve/non-reader.js";

const STALLED = 200;
const READERS = 50;
const CHANGES = 15;
const RESOURCE_BYTES = 128 << 10;
/** More than this is never waiting when another response is added: see SECURITY.md. */
const MOST_UNSENT = 64 << 10;

const typeUrl = typeUrls.secret;
const ask = (id: string) => ({ typeUrl, node: { id }, resourceNamesSubscribe: ["large"] });

test("what waits for clients that do not read is bounded, however much changes, and the others get every change", async () => {
  const store = createStore();
  store.update((tx) => tx.set(large(RESOURCE_BYTES)));
  await using server = await serveXds({ address: "127.0.0.1:0", snapshots: store });
  // A response beside its resource: version, names, type, framing.
  let largest = 0;
  const sentTo = new Map<string, number>();
  server.events$.subscribe((event) => {
    if (event.kind !== "sent") return;
    largest = Math.max(largest, event.bytes);
    sentTo.set(event.node.id, (sentTo.get(event.node.id) ?? 0) + 1);
  });
  const readers = Array.from({ length: READERS }, () => rawXds({ address: server.address, mode: "delta" }));
  const stalled = Array.from({ length: STALLED }, () => nonReader(server.address));
  try {
    readers.forEach((stream, i) => void stream.send(ask(`reader-${i}`)));
    stalled.forEach((stream, i) => void stream.send(ask(`stalled-${i}`)));
    for (const stream of readers) stream.ack(await stream.next({ deadlineMs: 30_000 }));
    const statuses = () => server.clients().filter(({ node }) => node.id.startsWith("stalled"));
    await eventually(() => expect(statuses().filter(({ unsentBytes }) => unsentBytes > 0)).toHaveLength(STALLED), {
      deadlineMs: 30_000,
    });

    for (let value = 1; value <= CHANGES; value++) {
      store.update((tx) => tx.set(large(RESOURCE_BYTES, value)));
      const version = store.get(typeUrl, "large")?.version;
      for (const stream of readers) {
        const response = await stream.next({ deadlineMs: 30_000 });
        expect(response.resources.map((resource) => resource.version)).toEqual([version]);
        stream.ack(response);
      }
      // The next change finds all readers free, so that each of them gets each of them.
      await eventually(() => {
        const reading = server.clients().filter(({ node }) => node.id.startsWith("reader"));
        expect(reading.flatMap(({ types }) => types.flatMap(({ inFlight }) => inFlight))).toEqual([]);
      });
    }

    const unsent = statuses().map(({ unsentBytes }) => unsentBytes);
    expect(unsent).toHaveLength(STALLED);
    expect(Math.min(...unsent)).toBeGreaterThan(0);
    expect(Math.max(...unsent)).toBeLessThanOrEqual(MOST_UNSENT + largest);
    const responses = (who: string) => [...sentTo].flatMap(([id, count]) => (id.startsWith(who) ? [count] : []));
    expect(Math.max(...responses("stalled"))).toBeLessThanOrEqual(2);
    expect(responses("reader")).toEqual(Array.from({ length: READERS }, () => CHANGES + 1));
  } finally {
    for (const stream of [...readers, ...stalled]) await stream[Symbol.asyncDispose]();
  }
  await eventually(() => expect(server.clients()).toEqual([]));
});
