import type { Applied } from "@rxds/ebpf";
import { expect, test } from "vitest";
import type { AgentStatus } from "../run-agent.js";
import { statusLine } from "./status-line.js";

const status: AgentStatus = {
  connection: { state: "connected", attempts: 0 },
  plan: "two",
  applied: "one",
  problems: [],
  failed: undefined,
  sinkError: undefined,
};
const last: Applied = { generation: "one", writes: 3, table: "in-place", entries: 7, problems: [] };
const line = (change: Partial<AgentStatus> = {}, applied?: Applied, away: string[] = []): unknown =>
  JSON.parse(statusLine({ ...status, ...change }, applied, new Set(away)));

test("it tells the newest plan, and the one in force with what that took", () => {
  expect(line({}, last)).toEqual({
    connection: "connected",
    plan: "two",
    applied: "one",
    entries: 7,
    writes: 3,
    table: "in-place",
    problems: [],
  });
});

test("what another plan took is not told", () => {
  expect(line({ applied: "two" }, last)).toEqual({
    connection: "connected",
    plan: "two",
    applied: "two",
    problems: [],
  });
});

test("before the first plan there is none", () => {
  expect(line({ plan: undefined, applied: undefined })).toMatchObject({ plan: null, applied: null });
});

test("it tells problems, proxies that are away, and why a plan is not in force", () => {
  const problem = { kind: "not-found", message: "a/web: it is not there", workload: "a/web" };
  const failed = { generation: "two", error: new Error("no room") };
  expect(line({ problems: [problem], failed }, undefined, ["node~b", "node~a"])).toMatchObject({
    problems: [problem],
    failed: { plan: "two", message: "no room" },
    away: ["node~a", "node~b"],
  });
});
