import { eventually, rawXds } from "@rxds/testkit";
import {
  createSnapshot,
  createStore,
  edit,
  edsCluster,
  type ServeXdsOptions,
  type Snapshot,
  scoped,
  serveXds,
  typeUrls,
  XdsOptionError,
} from "rxds";
import { BehaviorSubject, of } from "rxjs";
import { describe, expect, test } from "vitest";
import { record } from "./large.js";

const CDS = typeUrls.cluster;
const clusters = (count: number) =>
  createSnapshot(Array.from({ length: count }, (_, i) => edsCluster({ name: `c${i}` })));

/** A server of a source, a client that has the first snapshot, and all that the server says. */
async function follow(source: BehaviorSubject<Snapshot>, options: Partial<ServeXdsOptions>) {
  const server = await serveXds({ hitless: { lingerMs: 1 }, address: "127.0.0.1:0", snapshots: source, ...options });
  const { events } = record(server);
  const stream = rawXds({ address: server.address, mode: "delta" });
  stream.send({ typeUrl: CDS, node: { id: "n1" } });
  stream.ack(await stream.next());
  await server.converged(source.value.version, { clients: 1 });
  const ofKind = (kind: string) => events.filter((event) => event.kind === kind);
  const close = async () => {
    await stream[Symbol.asyncDispose]();
    await server.close();
  };
  return { server, stream, ofKind, [Symbol.asyncDispose]: close };
}

describe("debounce", () => {
  test("merges a burst into one commit, and who waits for a merged snapshot has it with that", async () => {
    const source = new BehaviorSubject(clusters(1));
    await using world = await follow(source, { debounce: { quietMs: 20, maxMs: 10_000 } });
    const { server, stream, ofKind } = world;
    const versions: string[] = [];
    for (let i = 0; i < 50; i++) {
      source.next(edit(source.value, (draft) => draft.set(edsCluster({ name: "new", connectTimeoutMs: 1000 + i }))));
      versions.push(source.value.version);
    }
    const response = await stream.next();
    expect(response.resources).toMatchObject([{ version: source.value.get(CDS, "new")?.version }]);
    stream.ack(response);
    for (const version of versions) await server.converged(version);
    expect(ofKind("committed")).toHaveLength(2);
    expect(stream.received).toHaveLength(2);
  });

  test("takes what a source says last before it ends", async () => {
    const source = new BehaviorSubject(clusters(1));
    await using world = await follow(source, { debounce: { quietMs: 10_000, maxMs: 10_000 } });
    source.next(clusters(2));
    source.complete();
    expect((await world.stream.next()).resources.map(({ name }) => name)).toEqual(["c1"]);
  });
});

describe("massDeletion", () => {
  const massDeletion = { share: 0.5 };
  const all = clusters(100);
  const few = clusters(20);

  test("holds back a snapshot that removes too much, until a better one comes", async () => {
    const source = new BehaviorSubject(all);
    await using world = await follow(source, { massDeletion });
    const { server, stream, ofKind } = world;
    source.next(few);
    const types = [{ type: CDS, label: "CDS", had: 100, removed: 80 }];
    expect(ofKind("held-snapshot")).toMatchObject([{ keys: [""], version: few.version, types }]);
    expect(server.held()).toMatchObject([{ keys: [""], version: few.version, types }]);
    // The same again is no news.
    source.next(few);
    expect(ofKind("held-snapshot")).toHaveLength(1);
    const better = edit(all, (draft) => draft.delete(CDS, "c7"));
    source.next(better);
    const response = await stream.next();
    expect([response.resources, response.removedResources]).toEqual([[], ["c7"]]);
    expect(server.held()).toEqual([]);
    expect(server.release(few.version)).toBe(false);
  });

  test("lets a held snapshot come into force when it is released by its version", async () => {
    const source = new BehaviorSubject(all);
    await using world = await follow(source, { massDeletion });
    const { server, stream } = world;
    source.next(few);
    source.next(clusters(10));
    // That one is held no more: another one has taken its place.
    expect(server.release(few.version)).toBe(false);
    expect(server.release(source.value.version)).toBe(true);
    expect((await stream.next()).removedResources).toHaveLength(90);
    expect([server.held(), server.release(source.value.version)]).toEqual([[], false]);
    // What is in force now is what the next one is compared with.
    source.next(clusters(10));
    source.next(clusters(1));
    expect(server.held()).toEqual([]);
  });

  test("never holds a first snapshot, and stays with the last good one when the source ends", async () => {
    const source = new BehaviorSubject(createSnapshot());
    await using world = await follow(source, { massDeletion: { share: 0, atLeast: 1 } });
    const { server, ofKind } = world;
    source.next(all);
    source.next(createSnapshot());
    source.complete();
    await eventually(() => expect(ofKind("source-ended")).toHaveLength(1));
    expect(server.held()).toHaveLength(1);
    await using late = rawXds({ address: server.address, mode: "delta" });
    late.send({ typeUrl: CDS, node: { id: "late" } });
    expect((await late.next()).resources).toHaveLength(100);
  });

  test("guards each key's source for itself", async () => {
    const sources = new Map(["a", "b"].map((key) => [key, new BehaviorSubject(all)]));
    const server = await serveXds({
      hitless: { lingerMs: 1 },
      address: "127.0.0.1:0",
      massDeletion,
      scope: ({ id }) => id,
      snapshots: (key) => sources.get(key) ?? of(all),
    });
    await using _server = server;
    const streams = ["a", "b"].map((id) => {
      const stream = rawXds({ address: server.address, mode: "delta" });
      stream.send({ typeUrl: CDS, node: { id } });
      return stream;
    });
    for (const stream of streams) stream.ack(await stream.next());
    sources.get("a")?.next(few);
    expect(server.held()).toMatchObject([{ keys: ["a"] }]);
    sources.get("b")?.next(few);
    expect(server.release(few.version)).toBe(true);
    for (const stream of streams) {
      expect((await stream.next()).removedResources).toHaveLength(80);
      await stream[Symbol.asyncDispose]();
    }
  });
});

describe("options that can't be meant", () => {
  const source = of(clusters(1));
  const store = createStore();
  test.each<[string, Partial<ServeXdsOptions>]>([
    ["debounce", { snapshots: source, debounce: { quietMs: 10, maxMs: 5 } }],
    ["debounce", { snapshots: store, debounce: { quietMs: 10, maxMs: 50 } }],
    ["debounce", { snapshots: scoped(store, of({})), debounce: { quietMs: 10, maxMs: 50 } }],
    ["massDeletion", { snapshots: store, massDeletion: { share: 0.5 } }],
    ["massDeletion.share", { snapshots: source, massDeletion: { share: 50 } }],
    ["massDeletion.atLeast", { snapshots: source, massDeletion: { share: 0.5, atLeast: 0 } }],
  ])("are refused at the start: %s %#", async (option, options) => {
    const error = await serveXds({
      hitless: { lingerMs: 1 },
      address: "127.0.0.1:0",
      snapshots: source,
      ...options,
    }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(XdsOptionError);
    expect(error).toMatchObject({ option });
  });
});
