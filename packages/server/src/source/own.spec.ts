import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  createSnapshot,
  createStore,
  edsCluster,
  type Scope,
  type Snapshot,
  type Store,
  scoped,
  typeUrls,
} from "@rxds/core";
import { TypedExtensionConfigSchema } from "@rxds/envoy-api/envoy/config/core/v3/extension";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { BehaviorSubject, Observable, of, Subject } from "rxjs";
import { describe, expect, test } from "vitest";
import { costs } from "../fanout/costs.js";
import { StoreIndex } from "../fanout/store-index.js";
import type { Channel } from "../stream/channel.js";
import { createXdsCore, type XdsCore } from "../xds-core.js";
import { Base } from "./base.js";
import { createOwn } from "./own.js";

const { cluster: CDS, extensionConfig: ECDS } = typeUrls;
const VIEWS = 1000;
const scope: Scope = { [CDS]: "all" };

const config = (name: string, value: string) =>
  create(TypedExtensionConfigSchema, {
    name,
    typedConfig: { typeUrl: "type.googleapis.com/t.T", value: Buffer.from(value) },
  });
const own = (value: string) => createSnapshot([config("name", value)]);

/** A proxy that wants all clusters and one configuration, and accepts everything a turn later. Returns how to end it. */
function open(core: XdsCore, key: string, received: string[] = [], ended = () => {}): () => void {
  const send = (init: Record<string, unknown>) =>
    stream.message(Buffer.from(toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, init))));
  const channel: Channel = {
    peer: { address: "memory", certificate: undefined, metadata: new Map() },
    write({ buffer, length }, nonce, done) {
      const { typeUrl, resources } = fromBinary(DeltaDiscoveryResponseSchema, buffer.subarray(0, length));
      received.push(...resources.map(({ name, version }) => `${name} ${version}`));
      setImmediate(() => {
        done();
        send({ typeUrl, responseNonce: nonce });
      });
    },
    pause: () => {},
    resume: () => {},
    end: ended,
  };
  const stream = core.open(channel, "delta", undefined);
  send({ typeUrl: CDS, node: { id: key } });
  send({ typeUrl: ECDS, resourceNamesSubscribe: ["name"] });
  return () => stream.over();
}

const since = (before: typeof costs) => ({
  touched: costs.touched - before.touched,
  sent: costs.sent - before.sent,
  bodies: costs.bodies - before.bodies,
});

describe(`of ${VIEWS} views of one store, with resources of their own`, () => {
  test("a change of one's own costs that view alone, and what they share is encoded once for all", async () => {
    const store = createStore();
    store.update((tx) => tx.set(edsCluster({ name: "a" })));
    const sources = new Map<string, BehaviorSubject<Snapshot>>();
    const core = createXdsCore({
      scope: ({ id }) => id,
      snapshots(key) {
        const source = new BehaviorSubject(own(key));
        sources.set(key, source);
        return scoped(store, of(scope), { types: [ECDS], snapshots: source });
      },
      limits: { initialBytes: Infinity },
    });
    const received = Array.from({ length: VIEWS }, (_, i) => {
      const mine: string[] = [];
      open(core, `n${i}`, mine);
      return mine;
    });
    await core.converged(undefined, { clients: VIEWS });
    // The same names, and nobody has what is another's.
    expect(new Set(received.map((mine) => mine.find((one) => one.startsWith("name ")))).size).toBe(VIEWS);

    let before = { ...costs };
    const next = own("changed");
    sources.get("n7")!.next(next);
    await core.converged(next.version);
    // All of the view, and what the client asked for.
    expect(since(before)).toEqual({ touched: 2, sent: 1, bodies: 1 });
    expect(received[7]!.at(-1)).toBe(`name ${next.get(ECDS, "name")!.version}`);

    before = { ...costs };
    store.update((tx) => tx.set(edsCluster({ name: "b" })));
    await core.converged();
    expect(since(before)).toEqual({ touched: 1, sent: VIEWS, bodies: 1 });
    core.close();
  });
});

describe("a view's own resources", () => {
  test("that came before the shared ones are checked when these are there, and the newest counts", async () => {
    const shared = new BehaviorSubject<Snapshot | undefined>(undefined);
    const base = new Observable<Snapshot>((subscriber) =>
      shared.subscribe((snapshot) => {
        if (snapshot !== undefined) subscriber.next(snapshot);
      }),
    );
    const source = new BehaviorSubject(own("first"));
    const core = createXdsCore({
      snapshots: scoped(base, of(scope), { types: [ECDS], snapshots: source }),
    });
    const events: string[] = [];
    core.events$.subscribe(({ kind, detail }) => events.push(kind === "committed" ? detail : kind));
    const received: string[] = [];
    open(core, "n", received);
    const newest = own("newest");
    source.next(newest);
    await new Promise((resolve) => setImmediate(resolve));
    expect([core.ready(), received]).toEqual([false, []]);
    shared.next(createSnapshot());
    // Whoever waits for one that was never in force has what it waits for with the newer one.
    for (const snapshot of [own("first"), newest]) await core.converged(snapshot.version, { clients: 1 });
    expect(received).toEqual([`name ${newest.get(ECDS, "name")!.version}`]);
    expect(events.filter((event) => event.startsWith("commit"))).toEqual([
      "commit 2: 0 upserts, 0 removals",
      "commit 3: 1 upsert, 0 removals",
    ]);
    core.close();
  });

  test("are let go of when the view had no stream for long enough", async () => {
    const store = createStore();
    store.update((tx) => tx.set(edsCluster({ name: "a" })));
    const source = new BehaviorSubject(own("a"));
    let stopped = () => {};
    const over = new Promise<void>((resolve) => {
      stopped = resolve;
    });
    const watched = new Observable<Snapshot>((subscriber) => {
      const following = source.subscribe(subscriber);
      return () => {
        following.unsubscribe();
        stopped();
      };
    });
    const core = createXdsCore({
      snapshots: () => scoped(store, of(scope), { types: [ECDS], snapshots: watched }),
      lingerMs: 1,
    });
    const end = open(core, "n");
    await core.converged(undefined, { clients: 1 });
    expect(source.observed).toBe(true);
    end();
    await over;
    expect([source.observed, core.ready()]).toEqual([false, false]);
    core.close();
  });

  test("are shown whatever the scope says of their types, and however that changes", async () => {
    const source = new BehaviorSubject(own("a"));
    const scope$ = new BehaviorSubject<Scope>({ ...scope, [ECDS]: ["other"] });
    const store = createStore();
    store.update((tx) => tx.set(config("other", "shared")));
    const core = createXdsCore({ snapshots: scoped(store, scope$, { types: [ECDS], snapshots: source }) });
    const received: string[] = [];
    let ends = 0;
    open(core, "n", received, () => ends++);
    await core.converged(undefined, { clients: 1 });
    scope$.next({ ...scope, [ECDS]: "all" });
    scope$.next(scope);
    await core.converged();
    expect([received, ends]).toEqual([[`name ${source.value.get(ECDS, "name")!.version}`], 0]);
    core.close();
  });

  test("that are gone leave nothing behind in the end", () => {
    const makeIndex = (store: Store) =>
      new StoreIndex(
        store,
        () => {},
        () => {},
      );
    const hooks = { begun() {}, accepted() {}, refused() {}, held() {}, ended() {} };
    const store = createStore();
    const base = new Base(store, store, {}, makeIndex, hooks);
    store.replace(createSnapshot());
    const source = new Subject<Snapshot>();
    const { part, index } = createOwn({ types: [ECDS], snapshots: source }, base, {}, makeIndex, hooks);
    part.start();
    index.table(ECDS);
    for (let i = 0; i < 2000; i++) source.next(createSnapshot([config(`name-${i}`, "a")]));
    expect(part.store.table(ECDS).live).toBe(1);
    expect(part.store.table(ECDS).capacity).toBeLessThan(300);
    expect(part.versions.size).toBeLessThan(100);
    expect([store.seq, index.seq]).toEqual([2001, 2001]);
    part.close();
    expect(source.observed).toBe(false);
  });
});
