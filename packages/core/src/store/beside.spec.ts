import { describe, expect, test } from "vitest";
import { edsCluster, endpoints, routes, staticCluster } from "../builders/index.js";
import { InvalidSnapshotError } from "../snapshot/problem.js";
import { createSnapshot, edit } from "../snapshot/snapshot.js";
import { typeUrls } from "../types/type-urls.js";
import { createStore, createStoreBeside } from "./store.js";

const types = [typeUrls.routes, typeUrls.endpoints];
const main = (cluster: string) => routes("main", { "/": cluster });

/** What a change is refused for. */
function refusal(change: () => unknown): InvalidSnapshotError["problems"] {
  try {
    change();
  } catch (error) {
    if (error instanceof InvalidSnapshotError) return error.problems;
    throw error;
  }
  return [];
}

describe("a store beside another one", () => {
  test("is numbered in the other one's sequence, and so are others beside it", () => {
    const base = createStore();
    const [one, two] = [createStoreBeside(base, { types }), createStoreBeside(base, { types })];
    base.update((tx) => tx.set(edsCluster({ name: "a" })));
    const commits = [one, two, one].map((store, i) => store.update((tx) => tx.set(main(`c${i}`))).diff.seq);
    expect(commits).toEqual([2, 3, 4]);
    expect(base.update((tx) => tx.set(edsCluster({ name: "b" }))).diff.seq).toBe(5);
    expect([base.seq, one.seq, two.seq]).toEqual([5, 5, 5]);
    expect(two.advance()).toBe(6);
    expect(base.seq).toBe(6);
    const table = one.table(typeUrls.routes);
    expect(table.changedAt(table.idOf("main")!)).toBe(4);
  });

  test("holds and shows what is its own, and is ready by itself", () => {
    const base = createStore();
    base.update((tx) => tx.set(main("a")));
    const own = createStoreBeside(base, { types });
    expect([own.ready, own.get(typeUrls.routes, "main")]).toEqual([false, undefined]);
    own.replace(createSnapshot());
    expect([own.ready, own.get(typeUrls.routes, "main")]).toEqual([true, undefined]);
  });

  test("refuses as a whole what holds a resource of another type, and says of each", () => {
    const own = createStoreBeside(createStore(), { types, references: "ignore" });
    const good = createSnapshot([main("a")]);
    own.replace(good);
    const bad = edit(good, (draft) => {
      draft.set(main("b"), edsCluster({ name: "x" }), edsCluster({ name: "y" }));
    });
    expect(refusal(() => own.replace(bad))).toMatchObject(
      ["x", "y"].map((name) => ({ severity: "error", code: "foreign-type", type: typeUrls.cluster, name })),
    );
    expect(refusal(() => own.update((tx) => tx.set(edsCluster({ name: "z" }))))).toHaveLength(1);
    expect(own.get(typeUrls.routes, "main")).toBe(good.get(typeUrls.routes, "main"));
    expect(own.seq).toBe(1);
  });

  test("looks for what its resources name where it is", () => {
    const base = createStore();
    const own = createStoreBeside(base, { types, references: "strict" });
    base.update((tx) => tx.set(staticCluster({ name: "there", endpoints: [] }), endpoints("shadowed", [])));
    expect(refusal(() => own.replace(createSnapshot([main("there")])))).toEqual([]);
    expect(refusal(() => own.replace(createSnapshot([main("nowhere")])))).toMatchObject([
      { code: "dangling-reference", type: typeUrls.routes, name: "main" },
    ]);
  });
});
