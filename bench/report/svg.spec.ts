import { expect, test } from "vitest";
import { ticksTo } from "./svg.js";

test.each([
  [1689, [0, 500, 1000, 1500, 2000]],
  [2000, [0, 500, 1000, 1500, 2000]],
  [147, [0, 50, 100, 150]],
  [7, [0, 2, 4, 6, 8]],
])("an axis up to %s", (most, ticks) => {
  expect(ticksTo(most)).toEqual(ticks);
});
