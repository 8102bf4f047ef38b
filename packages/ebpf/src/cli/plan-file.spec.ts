import { expect, test } from "vitest";
import { entry, group, plan } from "../../spec-support/plans.js";
import { parsePlan } from "./plan-file.js";

const whole = { ...plan(group("node~n1", ["a"], [entry("10.96.0.1", 80, "10.0.0.1:15001")])), whenAway: "pass" };

test("a plan is read as it is", () => {
  expect(parsePlan(JSON.stringify(whole))).toEqual(whole);
});

test.each([
  ["", "expected a redirect plan as JSON"],
  ["{}", "plan.node: expected text, got nothing"],
  ["[]", "plan: expected an object, got []"],
  [JSON.stringify({ ...whole, groups: {} }), "plan.groups: expected a list, got {}"],
  [JSON.stringify({ ...whole, whenAway: "wait" }), 'plan.whenAway: expected "pass", got "wait"'],
  [
    JSON.stringify({ ...whole, groups: [{ ...whole.groups[0], workloads: [{ name: "default/a" }] }] }),
    "plan.groups[0].workloads[0].addresses: expected a list, got nothing",
  ],
  [
    JSON.stringify(whole).replace('"port":15001', '"port":70000'),
    "plan.groups[0].entries[0].to.port: expected a port, got 70000",
  ],
  [
    JSON.stringify(whole).replace('"tcp"', '"sctp"'),
    'plan.groups[0].entries[0].protocol: expected "tcp" or "udp", got "sctp"',
  ],
])("%s is refused: %s", (json, message) => {
  expect(() => parsePlan(json)).toThrow(message);
});
