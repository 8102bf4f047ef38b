import { describe, expect, test } from "vitest";
import type { Answers } from "./answers.js";
import { now } from "./control.js";
import { createJudge, type Failure } from "./judge.js";
import type { Outcome } from "./traffic.js";

/** Each path has a cluster of the same name, with these backends. */
const answers = (routed: Readonly<Record<string, readonly string[]>>): Answers => ({
  routes: new Map(Object.keys(routed).map((target) => [target, [target]])),
  backends: new Map(Object.entries(routed)),
});

const answered = (backend: string, more: Partial<Outcome> = {}): Outcome => ({
  id: "1",
  target: "shop",
  sentAt: now(),
  doneAt: now(),
  status: 200,
  backend,
  error: "",
  reused: false,
  ...more,
});

/** A judge before whom `shop` leads to `old`. */
function judging() {
  const told: Failure[] = [];
  const judge = createJudge((failure) => told.push(failure));
  judge.begin(answers({ shop: ["old"], blog: ["old"] }), "1", "first");
  const whats = () => judge.failures.map(({ what }) => what);
  return { judge, told, whats };
}

test("a backend that the snapshot names is right, and another one is not", () => {
  const { judge, whats } = judging();
  judge.hear(answered("old"));
  judge.hear(answered("new"));
  expect([judge.requests(), whats()]).toEqual([2, ["wrong backend"]]);
});

test("during a transition the backends of both snapshots are right, and long after it only the newer ones", () => {
  const { judge, whats } = judging();
  judge.begin(answers({ shop: ["new"] }), "2", "second");
  judge.hear(answered("old"));
  judge.hear(answered("new"));
  expect(whats()).toEqual([]);
  judge.end();
  const later = { sentAt: now() + 1000, doneAt: now() + 1001 };
  judge.hear(answered("new", later));
  judge.hear(answered("old", later));
  expect([judge.requests(), whats()]).toEqual([4, ["wrong backend"]]);
});

test("what one of the snapshots does not route is not judged, and no load is sent there", () => {
  const { judge } = judging();
  judge.begin(answers({ shop: ["new"], wiki: ["new"] }), "2", "second");
  judge.hear(answered("nobody", { target: "blog" }));
  judge.hear(answered("nobody", { target: "wiki" }));
  expect([judge.requests(), judge.targets()]).toEqual([0, ["shop"]]);
});

test("a path that comes or goes is routed all the time where its host has a last route", () => {
  const judge = createJudge(() => undefined);
  judge.begin(answers({ "1 shop /": ["rest"], "1 shop /cart/": ["cart"] }), "1", "first");
  judge.begin(answers({ "1 shop /": ["rest"], "1 shop /new/": ["new"] }), "2", "second");
  expect(judge.targets().sort()).toEqual(["1 shop /", "1 shop /cart/", "1 shop /new/"]);
  for (const backend of ["cart", "rest", "new"]) judge.hear(answered(backend, { target: "1 shop /cart/" }));
  expect([judge.requests(), judge.failures.map(({ outcome }) => outcome.backend)]).toEqual([3, ["new"]]);
});

test("while a listener may drain, the backends of its old routes are right", () => {
  const judge = createJudge(() => undefined, 1000);
  judge.begin(answers({ shop: ["old"] }), "1", "first");
  judge.begin(answers({ shop: ["new"] }), "2", "second");
  judge.end();
  for (const ms of [1000, 2000]) judge.hear(answered("old", { sentAt: now() + ms, doneAt: now() + ms }));
  expect([judge.requests(), judge.failures.length]).toEqual([2, 1]);
});

test("old routes may lead to a cluster with new endpoints", () => {
  const judge = createJudge(() => undefined);
  judge.begin({ routes: new Map([["shop", ["a"]]]), backends: new Map([["a", ["old"]]]) }, "1", "first");
  const backends = new Map([
    ["a", ["moved"]],
    ["b", ["new"]],
  ]);
  judge.begin({ routes: new Map([["shop", ["b"]]]), backends }, "2", "second");
  for (const backend of ["old", "moved", "new", "other"]) judge.hear(answered(backend));
  expect(judge.failures.map(({ outcome }) => outcome.backend)).toEqual(["other"]);
});

describe("failures", () => {
  const lost = { backend: "", status: 0, error: "ECONNRESET" };
  test.each([
    [
      "an answer that Envoy made",
      { backend: "", status: 503, body: "NC cluster_not_found -" },
      "503 NC cluster_not_found",
    ],
    ["no answer on a new connection", lost, "ECONNRESET"],
    ["no answer in time", { ...lost, error: "timeout", reused: true }, "timeout"],
    ["an answer that breaks off", { ...lost, status: 200, reused: true }, "ECONNRESET within an answer of 200"],
  ] as const)("%s", (_name, outcome, what) => {
    const { judge, told, whats } = judging();
    judge.hear(answered("old", outcome));
    expect([whats(), told, judge.lost]).toEqual([[what], judge.failures, []]);
  });

  test("no answer on a connection that had answered is set aside: the access log decides", () => {
    const { judge, whats } = judging();
    judge.hear(answered("old", { ...lost, reused: true }));
    expect([whats(), judge.lost.length]).toEqual([[], 1]);
  });

  test("each says during which transition it happened", () => {
    const { judge } = judging();
    judge.hear(answered("new"));
    judge.begin(answers({ shop: ["old"] }), "2", "second");
    judge.hear(answered("new"));
    expect(judge.failures.map(({ during, kind }) => `${during} ${kind}`)).toEqual(["1 first", "2 second"]);
  });
});
