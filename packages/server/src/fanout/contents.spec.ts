import { expect, test } from "vitest";
import { Contents } from "./contents.js";

test("the newest contents are remembered, the oldest are forgotten", () => {
  const contents = new Contents();
  const lists = Array.from({ length: 40 }, () => []);
  lists.forEach((list, i) => {
    contents.set(`v${i}`, list);
    // The first is sent again and again.
    contents.set("v0", lists[0]!);
  });
  expect(contents.get("v0")).toBe(lists[0]);
  expect(contents.get("v1")).toBeUndefined();
  expect(contents.get("v39")).toBe(lists[39]);
});
