import { create } from "@bufbuild/protobuf";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { expect, test } from "vitest";
import { createResource } from "../resource/create-resource.js";
import { typeUrls } from "../types/type-urls.js";
import { createStore } from "./store.js";

const type = typeUrls.cluster;
const cluster = (name: string, ...aliases: string[]) => createResource(create(ClusterSchema, { name }), { aliases });

/** The names that a name stands for. */
function stood(store: ReturnType<typeof createStore>, name: string): string[] {
  const table = store.table(type);
  const id = table.idOf(name);
  const members = id === undefined ? [] : [...(table.membersOf(id) ?? [])];
  return members
    .filter((member) => table.groupsOf(member).includes(id!) && table.resource(member) !== undefined)
    .map((member) => table.nameOf(member)!)
    .sort();
}

test("an alias stands for its resource as long as that has it, a collection for its members", () => {
  const store = createStore();
  store.update((tx) => tx.set(cluster("a", "x", "y"), cluster("xdstp://t/C/p/1?b=1&a=2"), cluster("xdstp://t/C/p/2")));
  expect([stood(store, "x"), stood(store, "y")]).toEqual([["a"], ["a"]]);
  expect(stood(store, "xdstp://t/C/p/*?b=1&a=2")).toEqual(["xdstp://t/C/p/1?a=2&b=1"]);
  expect(stood(store, "xdstp://t/C/p/*")).toEqual(["xdstp://t/C/p/2"]);
  store.update((tx) => tx.set(cluster("a", "y")));
  expect([stood(store, "x"), stood(store, "y")]).toEqual([[], ["a"]]);
  store.update((tx) => void tx.delete(type, "a"));
  expect(stood(store, "y")).toEqual([]);
});

test("aliases that change for ever leave nothing behind", () => {
  const store = createStore();
  const table = store.table(type);
  for (let i = 0; i < 2000; i++) store.update((tx) => tx.set(cluster("a", `alias-${i}`)));
  expect(table.capacity).toBeLessThan(1000);
  expect(stood(store, "alias-1999")).toEqual(["a"]);
});

test("names that stand for nothing any more leave nothing behind", () => {
  const store = createStore();
  const table = store.table(type);
  for (let i = 0; i < 2000; i++) {
    store.update((tx) => tx.set(cluster(`xdstp://t/C/${i}/a`, `alias-${i}`)));
    store.update((tx) => tx.set(cluster(`xdstp://t/C/${i}/a`, `other-${i}`)));
    store.update((tx) => void tx.delete(type, `xdstp://t/C/${i}/a`));
  }
  expect(table.capacity).toBeLessThan(2000);
  expect(table.idOf("alias-1")).toBeUndefined();
  expect(table.idOf("other-1")).toBeUndefined();
  expect(table.idOf("xdstp://t/C/1/*")).toBeUndefined();
  expect(table.membersOf(0)).toBeUndefined();
});
