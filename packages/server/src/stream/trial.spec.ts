import { createStore } from "@rxds/core";
import { expect, test } from "vitest";
import { halves, Trial } from "./trial.js";

const start = () => {
  const table = createStore().table("type");
  const ids = ["a", "b", "c", "d", "e"].map((name) => table.retain(name));
  return { trial: new Trial(table), table, ids };
};

test("groups are tried in order, those of a later rejection first", () => {
  const { trial, ids } = start();
  const [a, b, c, d, e] = ids as [number, number, number, number, number];
  trial.add([[a, b], [c]], 1);
  expect(trial.next()).toEqual([a, b]);
  trial.shift();
  trial.add([[d], [e]], 2);
  const order = [];
  for (; !trial.over; trial.shift()) order.push(trial.next());
  expect(order).toEqual([[d], [e], [c]]);
  expect(trial.next()).toEqual([]);
});

test("a name waits with the content that was rejected, and no later one", () => {
  const { trial, ids } = start();
  trial.add([[ids[0]!]], 5);
  expect([trial.has(ids[0]!, 5), trial.has(ids[0]!, 6), trial.has(ids[1]!, 5)]).toEqual([true, false, false]);
});

test("what is dropped is not tried, and its name can be forgotten", () => {
  const { trial, table, ids } = start();
  trial.add([ids.slice(0, 2), ids.slice(2, 3), ids.slice(3)], 1);
  for (const id of ids) table.release(id);
  trial.drop(ids[0]!);
  trial.drop(ids[2]!);
  expect(table.idOf("a")).toBeUndefined();
  expect(trial.next()).toEqual([ids[1]]);
  trial.shift();
  expect(trial.next()).toEqual(ids.slice(3));
  trial.clear();
  expect(["b", "c", "d", "e"].map((name) => table.idOf(name))).toEqual([undefined, undefined, undefined, undefined]);
});

test("halves are two, and nothing is in both", () => {
  expect(halves([1, 2, 3, 4, 5])).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
});
