import { Client, credentials, status } from "@grpc/grpc-js";
import { eventually, rawXds } from "@rxds/testkit";
import { service as healthService } from "grpc-health-check";
import { createSnapshot, createStore, edit, edsCluster, type Snapshot, serveXds, typeUrls, type XdsEvent } from "rxds";
import { BehaviorSubject, NEVER, of, Subject, throwError } from "rxjs";
import { describe, expect, test } from "vitest";

const snapshot = createSnapshot([edsCluster({ name: "a" })]);
const hello = { typeUrl: typeUrls.cluster, node: { id: "n1" } };

/** What the health service says. */
function healthOf(address: string): Promise<string> {
  const client = new Client(address, credentials.createInsecure());
  const check = healthService.Check as {
    path: string;
    requestSerialize: (value: object) => Buffer;
    responseDeserialize: (bytes: Buffer) => { status: string };
  };
  return new Promise<string>((resolve, reject) => {
    client.makeUnaryRequest(
      check.path,
      check.requestSerialize,
      check.responseDeserialize,
      { service: "" },
      (error, answer) => {
        client.close();
        if (error) reject(error);
        else resolve(answer!.status);
      },
    );
  });
}

describe("gRPC health", () => {
  test("is not serving before the first accepted configuration, and serving from then on", async () => {
    const source = new Subject<Snapshot>();
    await using server = await serveXds({ address: "127.0.0.1:0", snapshots: source });
    await eventually(() => expect(source.observed).toBe(true));
    expect(await healthOf(server.address)).toBe("NOT_SERVING");
    source.next(createSnapshot([edsCluster({ name: "a" }), edsCluster({ name: "a", connectTimeoutMs: 1 })]));
    expect(await healthOf(server.address)).toBe("NOT_SERVING");
    expect(server.ready()).toBe(false);
    source.next(snapshot);
    expect(await healthOf(server.address)).toBe("SERVING");
    expect(server.ready()).toBe(true);
  });
});

describe("a server that closes", () => {
  test("ends its streams so that clients go elsewhere, and is done before the deadline", async () => {
    const server = await serveXds({ address: "127.0.0.1:0", snapshots: snapshot });
    const events: XdsEvent[] = [];
    server.events$.subscribe((event) => events.push(event));
    await using stream = rawXds({ address: server.address, mode: "delta" });
    stream.send(hello);
    await stream.next();
    const closing = server.close(30_000);
    expect((await stream.closed).code).toBe(status.UNAVAILABLE);
    await stream[Symbol.asyncDispose]();
    await closing;
    expect(events.at(-1)?.kind).toBe("disconnected");
    await using late = rawXds({ address: server.address, mode: "delta" });
    late.send(hello);
    expect((await late.closed).code).toBe(status.UNAVAILABLE);
  });

  test("can be closed twice, and before its source has said anything", async () => {
    const server = await serveXds({ address: "127.0.0.1:0", snapshots: NEVER });
    await Promise.all([server.close(), server.close()]);
  });
});

describe("a source", () => {
  test("that has a first configuration at once is heard of by who awaited the server", async () => {
    await using server = await serveXds({ address: "127.0.0.1:0", snapshots: of(snapshot) });
    const kinds: string[] = [];
    server.events$.subscribe(({ kind }) => kinds.push(kind));
    await eventually(() => expect(kinds).toEqual(["committed", "source-ended"]));
  });

  test.each([
    ["completes", (source: Subject<Snapshot>) => source.complete(), undefined],
    ["fails", (source: Subject<Snapshot>) => source.error(new Error("gone")), "gone"],
  ])("that %s leaves what it last said in force, and an event says so", async (_, end, message) => {
    const source = new Subject<Snapshot>();
    await using server = await serveXds({ address: "127.0.0.1:0", snapshots: source });
    const events: XdsEvent[] = [];
    server.events$.subscribe((event) => events.push(event));
    await eventually(() => expect(source.observed).toBe(true));
    source.next(snapshot);
    end(source);
    const ended = events.find((event) => event.kind === "source-ended");
    expect(ended).toMatchObject({ keys: [""] });
    expect(ended?.kind === "source-ended" && ended.error?.message).toBe(message);
    await using stream = rawXds({ address: server.address, mode: "delta" });
    stream.send(hello);
    expect((await stream.next()).resources.map(({ name }) => name)).toEqual(["a"]);
  });

  test("that throws when it is subscribed to is an event, and the clients wait", async () => {
    const events: XdsEvent[] = [];
    await using server = await serveXds({ address: "127.0.0.1:0", snapshots: throwError(() => new Error("no")) });
    server.events$.subscribe((event) => events.push(event));
    await eventually(() => expect(events.map(({ kind }) => kind)).toEqual(["source-ended"]));
    expect(server.ready()).toBe(false);
  });

  test("may be a store that is updated by hand", async () => {
    const store = createStore();
    await using server = await serveXds({ address: "127.0.0.1:0", snapshots: store });
    await using stream = rawXds({ address: server.address, mode: "delta" });
    stream.send(hello);
    await eventually(() => expect(server.clients()).toHaveLength(1));
    expect(stream.received).toEqual([]);
    store.update((tx) => tx.set(edsCluster({ name: "x" })));
    const response = await stream.next();
    expect(response.resources.map(({ name }) => name)).toEqual(["x"]);
    stream.ack(response);
    await server.converged(undefined, { clients: 1 });
  });

  test("for everybody is kept when nobody is connected, since it may speak only once", async () => {
    const source = new Subject<Snapshot>();
    await using server = await serveXds({
      address: "127.0.0.1:0",
      snapshots: source,
      lingerMs: 1,
      scope: ({ id }) => id,
    });
    await eventually(() => expect(source.observed).toBe(true));
    source.next(snapshot);
    const first = rawXds({ address: server.address, mode: "delta" });
    first.send(hello);
    await first.next();
    expect(server.ready("n1")).toBe(true);
    await first[Symbol.asyncDispose]();
    // The key of that client is forgotten, the source is not.
    await eventually(() => expect(server.ready("n1")).toBe(false));
    expect(source.observed).toBe(true);
    await using second = rawXds({ address: server.address, mode: "delta" });
    second.send(hello);
    expect((await second.next()).resources).toHaveLength(1);
  });

  test("of a key is dropped when the key had no stream for a while, and asked for again when it is needed", async () => {
    const asked: string[] = [];
    const source = new BehaviorSubject(snapshot);
    await using server = await serveXds({
      address: "127.0.0.1:0",
      lingerMs: 1,
      scope: ({ id }) => id,
      snapshots: (key) => {
        asked.push(key);
        return source;
      },
    });
    for (let round = 1; round <= 2; round++) {
      const stream = rawXds({ address: server.address, mode: "delta" });
      stream.send(hello);
      await stream.next();
      expect(source.observed).toBe(true);
      await stream[Symbol.asyncDispose]();
      await eventually(() => expect(source.observed).toBe(false));
      expect(asked).toHaveLength(round);
    }
  });
});

describe("what is known of clients", () => {
  test("is data, and an Observable of what changes", async () => {
    const snapshot$ = new BehaviorSubject(snapshot);
    await using server = await serveXds({ address: "127.0.0.1:0", snapshots: snapshot$ });
    const seen: string[] = [];
    server.clients$.subscribe(({ open, types }) => {
      seen.push(`${open} ${types.map(({ inFlight, acked }) => `${inFlight.length} ${acked?.seq ?? "-"}`)}`);
    });
    const stream = rawXds({ address: server.address, mode: "delta" });
    stream.send(hello);
    const response = await stream.next();
    await eventually(() => expect(seen.at(-1)).toBe("true 1 -"));
    await expect(server.converged(undefined, { deadlineMs: 20 })).rejects.toThrow(/waiting for n1 at 127/);
    stream.ack(response);
    await server.holds("n1", typeUrls.cluster, "a", { version: snapshot.get(typeUrls.cluster, "a")!.version });
    await eventually(() => expect(seen.at(-1)).toBe("true 0 1"));
    const next = edit(snapshot, (draft) => draft.set(edsCluster({ name: "b" })));
    const converged = server.converged(next.version);
    snapshot$.next(next);
    stream.ack(await stream.next());
    await converged;
    expect(server.clients()).toMatchObject([
      {
        node: { id: "n1" },
        protocol: "delta",
        aggregated: true,
        open: true,
        types: [{ type: typeUrls.cluster, wildcard: true, pending: false, inFlight: [], acked: { seq: 2 } }],
      },
    ]);
    await stream[Symbol.asyncDispose]();
    await eventually(() => expect(seen.at(-1)).toMatch(/^false/));
    expect(server.clients()).toEqual([]);
    await expect(server.holds("n1", typeUrls.cluster, "a", { deadlineMs: 20 })).rejects.toThrow("is not connected");
  });
});
