import { expect, test } from "vitest";
import { suggest } from "./suggest.js";

const names = ["connect_timeout", "lb_policy", "name", "health_checks", "type"];

test.each([
  ["connect_timeot", "connect_timeout"],
  ["connectTimeout", "connect_timeout"],
  ["CONNECT-TIMEOUT", "connect_timeout"],
  ["conenct_timeout", "connect_timeout"],
  ["nmae", "name"],
  ["helth_check", "health_checks"],
  ["typ", "type"],
])("%s probably means %s", (text, meant) => {
  expect(suggest(text, names)).toBe(meant);
});

test.each(["", "x", "eman", "timeout", "connect", "c".repeat(10_000)])("%s is like none", (text) => {
  expect(suggest(text, names)).toBeUndefined();
});

test("the closest is taken, not the first that is close", () => {
  expect(suggest("hosts", ["host", "hosts_", "posts"])).toBe("hosts_");
});
