import { create } from "@bufbuild/protobuf";
import { SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import { eventually, type RawDelta, type RawSotw, rawXds } from "@rxds/testkit";
import { createStore, serveXds, typeUrls } from "rxds";
import { expect, test } from "vitest";

const MEGABYTE = 1 << 20;
const CHANGES = 60;

/** A resource of one megabyte; each value is other bytes. */
const large = (value: number) =>
  create(SecretSchema, {
    name: "large",
    type: {
      case: "genericSecret",
      value: { secret: { specifier: { case: "inlineString", value: String(value).padEnd(MEGABYTE, ".") } } },
    },
  });

/** A client of either protocol that asks for the large resource. */
interface Reader {
  readonly stream: Pick<RawDelta | RawSotw, "pause" | "resume" | "received"> & AsyncDisposable;
  /** Asks, as that node. */
  start(id: string): void;
  /** Takes the next response, and acknowledges it. */
  take(): Promise<void>;
}

function openReader(address: string, mode: "delta" | "sotw"): Reader {
  const typeUrl = typeUrls.secret;
  if (mode === "delta") {
    const stream = rawXds({ address, mode });
    return {
      stream,
      start: (id) => stream.send({ typeUrl, node: { id }, resourceNamesSubscribe: ["large"] }),
      take: async () => stream.ack(await stream.next()),
    };
  }
  const stream = rawXds({ address, mode });
  return {
    stream,
    start: (id) => stream.send({ typeUrl, node: { id }, resourceNames: ["large"] }),
    take: async () => stream.ack(await stream.next()),
  };
}

test.each(["delta", "sotw"] as const)(
  "a client that stops reading holds nobody up, costs the server little, and gets the newest state when it reads on (%s)",
  async (mode) => {
    const store = createStore();
    store.update((tx) => tx.set(large(0)));
    await using server = await serveXds({ address: "127.0.0.1:0", snapshots: store });
    const stalled = openReader(server.address, mode);
    const reader = openReader(server.address, mode);
    await using _stalled = stalled.stream;
    await using _reader = reader.stream;
    for (const [id, { start, take }] of Object.entries({ stalled, reader })) {
      start(id);
      await take();
    }
    await server.converged(undefined, { clients: 2 });
    stalled.stream.pause();
    for (let value = 1; value <= CHANGES; value++) {
      store.update((tx) => tx.set(large(value)));
      await reader.take();
    }
    const status = () => server.clients().find(({ node }) => node.id === "stalled")!.types[0]!;
    // What waits for it is a few responses, not one for each change.
    expect(status().inFlight.length).toBeLessThanOrEqual(4);
    stalled.stream.resume();
    const newest = store.get(typeUrls.secret, "large")!.version;
    let taken = 1;
    await eventually(
      async () => {
        while (taken < stalled.stream.received.length) {
          await stalled.take();
          taken++;
        }
        expect(status()).toMatchObject({ pending: false, inFlight: [] });
      },
      { deadlineMs: 20_000 },
    );
    expect(taken).toBeLessThan(CHANGES / 2);
    await server.holds("stalled", typeUrls.secret, "large", { version: newest });
  },
);
