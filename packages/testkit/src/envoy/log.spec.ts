import { expect, test } from "vitest";
import { createLog } from "./log.js";

test("keeps what was written, and tells the last lines", () => {
  const log = createLog();
  log.append("one\ntw");
  log.append("o\nthree\n");
  expect(log.text()).toBe("one\ntwo\nthree\n");
  expect(log.tail(2)).toBe("two\nthree");
});

test("drops the beginning when there is too much, and says so", () => {
  const log = createLog(10);
  for (let n = 0; n < 1000; n++) log.append(`${n}\n`);
  expect(log.text().length).toBeLessThan(100);
  expect(log.text()).toMatch(/^\[the beginning was dropped\]\n/);
  expect(log.tail(1)).toBe("999");
});
