import { create } from "@bufbuild/protobuf";
import {
  addLanes,
  createResource,
  createStore,
  InvalidSnapshotError,
  type Lanes,
  resourceLanes,
  type Store,
  typeUrls,
  ZERO_LANES,
} from "@rxds/core";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ViewScope } from "../source/view-scope.js";
import { costs } from "./costs.js";
import type { NameSet } from "./name-set.js";
import { StoreIndex } from "./store-index.js";

const type = typeUrls.cluster;
const cluster = (name: string, value: number) => create(ClusterSchema, { name, altStatName: String(value) });
const indexOf = (store: Store, touched: Set<NameSet> = new Set()) =>
  new StoreIndex(
    store,
    (set) => touched.add(set),
    () => {},
  );

const D = "xdstp://rxds.test/Cluster/d";
const E = "xdstp://rxds.test/Cluster/e";
const COLLECTION = "xdstp://rxds.test/Cluster/*";
const NAMES = ["a", "b", "c", D, E];
const name = fc.constantFrom(...NAMES);
/** What can be asked for beside resources' own names. */
const other = fc.constantFrom("x", "y", COLLECTION);
const step = fc.oneof(
  fc.record({
    set: fc.uniqueArray(name, { minLength: 1 }),
    aliases: fc.subarray(["x", "y"]),
    value: fc.nat(1000),
  }),
  fc.record({ delete: name }),
  fc.record({ scope: fc.uniqueArray(name) }),
);

/** What a set shows, read off the store by name: knows no ids, logs or cursors. */
function shown(store: Store, names: readonly string[], scope: readonly string[] | "all"): Map<string, string> {
  const visible = NAMES.filter((one) => scope === "all" || scope.includes(one));
  return new Map(
    visible.flatMap((one) => {
      const resource = store.get(type, one);
      const known = [one, ...(resource?.aliases ?? []), ...(one === D || one === E ? [COLLECTION] : [])];
      return resource === undefined || !known.some((each) => names.includes(each)) ? [] : [[one, resource.version]];
    }),
  );
}

/** Puts resources in; the first ones get the aliases, unless others have them. */
function put(store: Store, names: readonly string[], aliases: readonly string[], value: number): void {
  const resources = names.map((one, i) => createResource(cluster(one, value), { aliases: aliases.slice(i, i + 1) }));
  try {
    store.update((tx) => tx.set(...resources));
  } catch (error) {
    if (!(error instanceof InvalidSnapshotError)) throw error;
  }
}

describe("the sets of a table", () => {
  test("tell for every earlier commit what leads from there to now, and their versions are their contents", () => {
    fc.assert(
      fc.property(
        fc.array(step, { size: "max", maxLength: 60 }),
        fc.uniqueArray(fc.oneof(name, other)),
        (steps, listed) => {
          const store = createStore();
          store.update((tx) => tx.set(cluster("a", 0)));
          const index = indexOf(store);
          const table = index.table(type);
          const view = new ViewScope(index, { [type]: ["a", "b"] });
          let scope: readonly string[] = ["a", "b"];
          const names = NAMES;
          const members = view.members(type);
          const sets: [NameSet, readonly string[], () => readonly string[] | "all"][] = [
            [table.wild(undefined, store.seq), names, () => "all"],
            [table.intern(listed, undefined, store.seq), listed, () => "all"],
            [table.wild(members, store.seq), names, () => scope],
            [table.intern(listed, members, store.seq), listed, () => scope],
          ];
          /** What each set showed at each commit. */
          const history = new Map([[store.seq, sets.map(([, of, seen]) => shown(store, of, seen()))]]);
          for (const action of steps) {
            if ("set" in action) put(store, action.set, action.aliases, action.value);
            else if ("delete" in action) store.update((tx) => void tx.delete(type, action.delete));
            else {
              scope = action.scope;
              view.show({ [type]: scope });
            }
            history.set(
              store.seq,
              sets.map(([, of, seen]) => shown(store, of, seen())),
            );
          }
          sets.forEach(([set], i) => {
            const now = history.get(store.seq)![i]!;
            for (const [seq, states] of history) {
              const state = new Map(states[i]);
              const { upserts, missing } = set.changesSince(seq);
              for (const id of upserts) state.set(table.table.nameOf(id)!, set.resource(id)!.version);
              for (const id of missing) state.delete(table.table.nameOf(id)!);
              expect(state).toEqual(now);
            }
            let lanes: Lanes = ZERO_LANES;
            for (const id of set.current()) lanes = addLanes(lanes, resourceLanes(set.resource(id)!));
            expect(set.lanes).toEqual(lanes);
            expect(new Set(set.current().map((id) => table.table.nameOf(id)))).toEqual(new Set(now.keys()));
          });
        },
      ),
    );
  });

  test("of equal names are one object, whatever the order, and are forgotten with their last holder", () => {
    const store = createStore();
    const index = indexOf(store);
    const table = index.table(type);
    const one = table.intern(["a", "b", "a"], undefined, 0);
    expect(table.intern(["b", "a"], undefined, 0)).toBe(one);
    const more = table.adjust(one, ["c"], new Set(), 0);
    expect(table.intern(["c", "a", "b"], undefined, 0)).toBe(more);
    expect(table.adjust(more, [], new Set([table.table.idOf("c")!]), 0)).toBe(one);
    for (const set of [one, one, one, more, more]) table.drop(set);
    expect(["a", "b", "c"].map((each) => table.table.idOf(each))).toEqual([undefined, undefined, undefined]);
  });

  test("are touched by a commit only when they hold what changed", () => {
    const store = createStore();
    store.update((tx) => tx.set(...Array.from({ length: 2000 }, (_, i) => cluster(`n${i}`, 0))));
    const touched = new Set<NameSet>();
    const table = indexOf(store, touched).table(type);
    const sets = Array.from({ length: 1000 }, (_, i) => table.intern([`n${i}`, `n${i + 1}`], undefined, store.seq));
    for (const set of sets) set.changesSince(0);
    const before = { ...costs };
    store.update((tx) => tx.set(cluster("n500", 1)));
    // Everything, and the two lists.
    expect(touched).toEqual(new Set([table.all, sets[499], sets[500]]));
    expect(costs.touched - before.touched).toBe(3);
    const walked = costs.walked;
    for (const set of touched) expect(set.changesSince(store.seq - 1).upserts).toEqual([table.table.idOf("n500")]);
    expect(costs.walked - walked).toBe(3);
  });
});
