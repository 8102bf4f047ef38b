import { create } from "@bufbuild/protobuf";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSnapshot } from "../snapshot/snapshot.js";
import { typeUrls } from "../types/type-urls.js";
import type { Commit } from "./reader.js";
import { createStore, type Store } from "./store.js";

const cluster = (name: string, value = 0) => create(ClusterSchema, { name, altStatName: String(value) });
const type = typeUrls.cluster;

function names(store: Store): string[] {
  const table = store.table(type);
  const found: string[] = [];
  for (let id = 0; id < table.capacity; id++) if (table.resource(id)) found.push(table.nameOf(id)!);
  return found.sort();
}

describe("a store", () => {
  test("commits by hand, numbers the commits, and tells of them", () => {
    const store = createStore();
    const seen: string[] = [];
    store.diffs$.subscribe(({ seq, upserts, removals }) => {
      seen.push(`${seq} +${upserts.map(({ name }) => name)} -${removals.map(({ name }) => name)}`);
    });
    store.update((tx) => tx.set(cluster("a"), cluster("b")));
    store.update((tx) => {
      tx.delete(type, "a");
      expect(tx.get(type, "a")).toBeUndefined();
      tx.set(cluster("c"));
    });
    store.update((tx) => tx.set(cluster("c")));
    expect(seen).toEqual(["1 +a,b -", "2 +c -a"]);
    expect(store.seq).toBe(2);
  });

  test("does nothing when the callback throws", () => {
    const store = createStore();
    expect(() =>
      store.update((tx) => {
        tx.set(cluster("a"));
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(store.seq).toBe(0);
  });

  test("counts a first empty snapshot as a configuration", () => {
    const store = createStore();
    store.replace(createSnapshot());
    expect(store.seq).toBe(1);
    store.replace(createSnapshot());
    expect(store.seq).toBe(1);
  });

  test("can be followed from elsewhere through its diffs as data", () => {
    const store = createStore();
    const copy = createStore();
    store.diffs$.subscribe((diff) => copy.apply(structuredClone(diff)));
    store.update((tx) => tx.set(cluster("a"), cluster("b")));
    store.update((tx) => void tx.delete(type, "b"));
    store.replace(createSnapshot([cluster("a", 1), cluster("z")]));
    expect(names(copy)).toEqual(["a", "z"]);
    expect(copy.get(type, "a")?.version).toBe(store.get(type, "a")?.version);
  });

  test("forgets removed names when no reader needs them any more", () => {
    const store = createStore();
    const { table, unfollow, cursor } = followed(store);
    for (let i = 0; i < 1000; i++) {
      store.update((tx) => tx.set(cluster(`c${i}`)));
      store.update((tx) => void tx.delete(type, `c${i}`));
    }
    expect(table.idOf("c0")).toBeDefined();
    cursor.seq = store.seq;
    for (let i = 0; i < 1000; i++) {
      store.update((tx) => tx.set(cluster(`d${i}`)));
      store.update((tx) => void tx.delete(type, `d${i}`));
      cursor.seq = store.seq;
    }
    expect(table.idOf("c0")).toBeUndefined();
    expect(table.capacity).toBeLessThan(1500);
    unfollow();
  });

  test("never gives an id to another name while a reader may still hear of its removal", () => {
    const step = fc.record({ name: fc.nat(8), kind: fc.constantFrom("set", "delete", "read", "retain", "release") });
    fc.assert(
      fc.property(fc.array(step, { size: "max", maxLength: 200 }), (steps) => {
        const store = createStore();
        const { table, cursor, unread } = followed(store);
        const retained: number[] = [];
        for (const { name, kind } of steps) {
          if (kind === "set") store.update((tx) => tx.set(cluster(`n${name}`, Math.random())));
          else if (kind === "delete") store.update((tx) => void tx.delete(type, `n${name}`));
          else if (kind === "retain") retained.push(table.retain(`n${name}`));
          else if (kind === "release" && retained.length > 0) table.release(retained.pop()!);
          else if (kind === "read") {
            unread.clear();
            cursor.seq = store.seq;
          }
          for (const [id, known] of unread) expect(table.nameOf(id)).toBe(known);
          for (const id of retained) expect(table.idOf(table.nameOf(id)!)).toBe(id);
        }
      }),
    );
  });
});

/** A reader who is as far as `cursor.seq` says, with the names of the ids that it did not read yet. */
function followed(store: Store) {
  const table = store.table(type);
  const cursor = { seq: 0 };
  const unread = new Map<number, string>();
  const unfollow = store.follow({
    oldestCursor: () => cursor.seq,
    committed: ({ changes }: Commit) => {
      for (const { ids } of changes) for (const id of ids) unread.set(id, table.nameOf(id)!);
    },
  });
  return { table, cursor, unread, unfollow };
}
