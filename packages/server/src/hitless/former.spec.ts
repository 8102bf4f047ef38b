import {
  createOpaqueResource,
  createStore,
  httpListener,
  type Resource,
  routes,
  type Store,
  typeUrls,
} from "@rxds/core";
import { describe, expect, test } from "vitest";
import { costs } from "../fanout/costs.js";
import { StoreIndex } from "../fanout/store-index.js";
import type { XdsStream } from "../stream/stream.js";
import { Subscription } from "../stream/subscription.js";

/** The index of one type, and a stream that is at its beginning. */
function started(type: string, resources: readonly Resource[] | ReturnType<typeof routes>[] = []) {
  const store = createStore();
  store.update((tx) =>
    tx.set(createOpaqueResource({ typeUrl: "test/other", value: new Uint8Array() }, "any"), ...resources),
  );
  const index = new StoreIndex(
    store,
    () => {},
    () => {},
  ).table(type);
  const stuck = new Subscription({} as XdsStream, index, index.all);
  stuck.cursor = store.seq;
  return { store, index, stuck };
}

/** Routes that lead to so many clusters of their own. */
const leads = (name: string, count: number, to: string) => {
  const clusters = Array.from({ length: count }, (_, i) => `${to}-${i}`);
  return routes(name, Object.fromEntries(clusters.map((cluster) => [`/${cluster}`, cluster])));
};

/** Each of so many commits ends as many references. */
function change(store: Store, commits: number, count: number): void {
  for (let i = 0; i < commits; i++) store.update((tx) => tx.set(leads("main", count, `c${i}`)));
}

describe("what has ended", () => {
  test("is looked through so seldom that it costs what changed, while a stream keeps all of it", () => {
    const { store, index } = started(typeUrls.routes);
    const before = costs.former;
    change(store, 250, 200);
    expect(index.former.size).toBe(249 * 200);
    expect(costs.former - before).toBeLessThan(2 * 249 * 200);
  });

  test("is forgotten when everybody has heard of it", () => {
    const { store, index, stuck } = started(typeUrls.routes);
    stuck.close();
    change(store, 250, 200);
    expect(index.former.size).toBeLessThanOrEqual(10_000);
  });

  test("is kept for a client from which the newer version is kept", () => {
    const { store, index, stuck } = started(typeUrls.routes, [leads("gated", 1, "old")]);
    store.update((tx) => tx.set(leads("gated", 1, "new")));
    stuck.cursor = Number.POSITIVE_INFINITY;
    const id = index.table.idOf("gated")!;
    stuck.gate([id]);
    change(store, 60, 200);
    expect(index.former.size).toBeLessThanOrEqual(10_000);
    expect([...index.former.of("c0-0")]).toEqual([]);
    expect([...index.former.of("old-0")]).toMatchObject([{ id }]);
    stuck.gate([]);
    change(store, 60, 200);
    expect([...index.former.of("old-0")]).toEqual([]);
  });

  test("is kept as to listeners until everybody has heard, at little cost", () => {
    const { store, index, stuck } = started(typeUrls.listener);
    const before = costs.former;
    const comeAndGo = (count: number, from = 0) => {
      for (let i = from; i < from + count; i++) {
        store.update((tx) => tx.set(httpListener({ name: `l${i}`, port: 1000 + i, routeConfig: "r" })));
        store.update((tx) => tx.delete(typeUrls.listener, `l${i}`));
      }
    };
    comeAndGo(2000);
    expect(index.lost.size).toBe(2000);
    expect(costs.former - before).toBeLessThan(2 * 2000);
    expect(index.addressesOf(index.table.idOf("l0")!)).toEqual([expect.stringContaining("1000")]);
    stuck.close();
    comeAndGo(4500, 2000);
    expect(index.lost.size).toBeLessThanOrEqual(512);
  });
});
