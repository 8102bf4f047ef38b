import { typeUrls } from "@rxds/core";
import { expect, test } from "vitest";
import { massDeletions } from "./mass-deletion.js";

const { cluster, endpoints } = typeUrls;
const keys = (type: string, count: number) => Array.from({ length: count }, (_, i) => ({ type, name: `n${i}` }));
const hundred = () => 100;

test("more than the share of a type is too much, exactly the share is not", () => {
  const guard = { share: 0.5 };
  expect(massDeletions(keys(cluster, 50), hundred, guard)).toEqual([]);
  expect(massDeletions(keys(cluster, 51), hundred, guard)).toEqual([
    { type: cluster, label: "CDS", had: 100, removed: 51 },
  ]);
});

test("each type counts for itself", () => {
  const counts = (type: string) => (type === cluster ? 20 : 1000);
  const removals = [...keys(cluster, 15), ...keys(endpoints, 400)];
  expect(massDeletions(removals, counts, { share: 0.5 })).toEqual([
    { type: cluster, label: "CDS", had: 20, removed: 15 },
  ]);
});

test("few removals are never too much, however large their share", () => {
  const all = (count: number) => massDeletions(keys(cluster, count), () => count, { share: 0.1 });
  expect(all(9)).toEqual([]);
  expect(all(10)).toHaveLength(1);
  expect(massDeletions(keys(cluster, 2), () => 2, { share: 0.1, atLeast: 2 })).toHaveLength(1);
});

test("a share of 0 holds every removal that is large enough, a share of 1 none", () => {
  expect(massDeletions(keys(cluster, 10), () => 1e6, { share: 0 })).toHaveLength(1);
  expect(massDeletions(keys(cluster, 100), hundred, { share: 1 })).toEqual([]);
});
