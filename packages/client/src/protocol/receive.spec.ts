import { describe, expect, test } from "vitest";
import {
  anything,
  drain,
  heartbeat,
  response,
  startedSubStream,
  TYPE,
  versions,
  wire,
} from "../../spec-support/messages.js";
import { VIRTUAL_HOST } from "./find-faults.js";
import { streamLost } from "./next-request.js";
import { receive } from "./receive.js";
import { isAnswered } from "./sub-stream.js";

const nothing = { upserts: [], removals: [], missing: [], errors: [] };

describe("an accepted response", () => {
  test("is held and acknowledged by its nonce alone", () => {
    const sub = startedSubStream(["a", "b"]);
    const outcome = receive(sub, response({ nonce: "n7", resources: [wire("a"), wire("b")] }), anything, 0);
    expect(outcome).toMatchObject({ kind: "accepted", change: { upserts: [{ name: "a" }, { name: "b" }] } });
    expect(versions(sub)).toEqual({ a: "1", b: "1" });
    expect(drain(sub)).toMatchObject([{ responseNonce: "n7", subscribe: [], unsubscribe: [] }]);
  });

  test("changes nothing for what is held already", () => {
    const sub = startedSubStream(["a"]);
    receive(sub, response({ resources: [wire("a")] }), anything, 0);
    const first = sub.held.get("a");
    expect(receive(sub, response({ resources: [wire("a")] }), anything, 0)).toEqual({
      kind: "accepted",
      change: nothing,
    });
    expect(sub.held.get("a")).toBe(first);
  });

  test("removes what is held, and reports names that do not exist", () => {
    const sub = startedSubStream(["a", "b"]);
    receive(sub, response({ resources: [wire("a")] }), anything, 0);
    const outcome = receive(sub, response({ removed: ["a", "b", "unknown"] }), anything, 0);
    expect(outcome).toMatchObject({ change: { removals: ["a"], missing: ["a", "b"] } });
    expect([...sub.missing]).toEqual(["a", "b"]);
    receive(sub, response({ resources: [wire("b")] }), anything, 0);
    expect([...sub.missing]).toEqual(["a"]);
  });

  test("does not hold what matches no subscription", () => {
    const sub = startedSubStream(["a"]);
    const outcome = receive(sub, response({ resources: [wire("late")] }), () => "never asked", 0);
    expect(outcome).toEqual({ kind: "accepted", change: nothing });
    expect(versions(sub)).toEqual({});
  });

  test("is not acknowledged when it has no nonce, for there is nothing to acknowledge it by", () => {
    const sub = startedSubStream(["a"]);
    receive(sub, response({ nonce: "", resources: [wire("a")] }), anything, 0);
    expect(versions(sub)).toEqual({ a: "1" });
    expect(drain(sub)).toEqual([]);
  });

  test("answers the wildcard, even when it is empty", () => {
    const sub = startedSubStream(["*"]);
    expect(isAnswered(sub, "*")).toBe(false);
    receive(sub, response(), anything, 0);
    expect(isAnswered(sub, "*")).toBe(true);
  });
});

describe("a response before the first request", () => {
  test("is ignored: an answer would be the first request and subscribe to everything", () => {
    const sub = startedSubStream(["a"]);
    streamLost(sub);
    expect(receive(sub, response({ resources: [wire("a")] }), anything, 0)).toEqual({ kind: "ignored" });
    expect(versions(sub)).toEqual({});
  });
});

describe("a refused response", () => {
  test("changes nothing and is answered with code 13 and every reason", () => {
    const sub = startedSubStream(["*"]);
    receive(sub, response({ resources: [wire("a")] }), anything, 0);
    drain(sub);
    const bad = response({ nonce: "n2", resources: [wire("a", "2"), wire("b"), wire("c")], removed: ["d"] });
    const outcome = receive(sub, bad, ({ name }) => (name === "a" ? undefined : `${name} is bad`), 0);
    expect(outcome).toEqual({ kind: "refused", reasons: ['"b": b is bad', '"c": c is bad'] });
    expect(versions(sub)).toEqual({ a: "1" });
    expect(drain(sub)).toMatchObject([
      { responseNonce: "n2", error: { code: 13, message: '"b": b is bad; "c": c is bad' } },
    ]);
  });

  test("gives a message of bounded length", () => {
    const sub = startedSubStream(["*"]);
    receive(sub, response({ resources: [wire("a")] }), () => "x".repeat(100_000), 0);
    expect(drain(sub)[0]?.error?.message).toHaveLength(4096);
  });

  test("does not answer the wildcard", () => {
    const sub = startedSubStream(["*"]);
    receive(sub, response({ resources: [wire("a")] }), () => "no", 0);
    expect(isAnswered(sub, "*")).toBe(false);
  });
});

describe("aliases", () => {
  test("match subscriptions, and answer them", () => {
    const sub = startedSubStream(["x"]);
    receive(sub, response({ resources: [wire("a", "1", { aliases: ["x"] }), wire("b")] }), anything, 0);
    expect(versions(sub)).toEqual({ a: "1" });
    expect(isAnswered(sub, "x")).toBe(true);
  });

  test("can be removed, and make their name missing when their resource goes", () => {
    const sub = startedSubStream(["x", "y"]);
    const resources = [wire("a", "1", { aliases: ["x"] }), wire("b", "1", { aliases: ["y"] })];
    receive(sub, response({ resources }), anything, 0);
    expect(receive(sub, response({ removed: ["x", "b"] }), anything, 0)).toMatchObject({
      change: { removals: ["a", "b"], missing: ["x", "y"] },
    });
  });

  test("that a new version loses make the resource go", () => {
    const sub = startedSubStream(["x"]);
    receive(sub, response({ resources: [wire("a", "1", { aliases: ["x"] })] }), anything, 0);
    expect(receive(sub, response({ resources: [wire("a", "2")] }), anything, 0)).toMatchObject({
      change: { removals: ["a"] },
    });
    expect(isAnswered(sub, "x")).toBe(false);
  });

  test("of a virtual host without a body tell that it does not exist", () => {
    const sub = startedSubStream(["r/x"]);
    Object.assign(sub, { typeUrl: VIRTUAL_HOST });
    const body = { typeUrl: VIRTUAL_HOST, value: Buffer.from("1") };
    receive(sub, response({ resources: [wire("r/v", "1", { aliases: ["r/x"], body })] }), anything, 0);
    expect(versions(sub)).toEqual({ "r/v": "1" });
    const bodiless = { name: "r/v", version: "2", aliases: ["r/x"] };
    expect(receive(sub, response({ resources: [bodiless] }), anything, 0)).toMatchObject({
      change: { removals: ["r/v"], missing: ["r/x"] },
    });
  });
});

describe("heartbeats", () => {
  test("start the time to live anew, or end it when they have none", () => {
    const sub = startedSubStream(["a"]);
    receive(sub, response({ resources: [wire("a", "1", { ttlMs: 100 })] }), anything, 0);
    expect(sub.expiries.get("a")).toBe(100);
    expect(receive(sub, response({ resources: [heartbeat("a", "1", 100)] }), anything, 50)).toEqual({
      kind: "accepted",
      change: nothing,
    });
    expect(sub.expiries.get("a")).toBe(150);
    receive(sub, response({ resources: [heartbeat("a", "1")] }), anything, 60);
    expect(sub.expiries.size).toBe(0);
  });

  test("for what is not wanted are ignored", () => {
    const sub = startedSubStream(["a"]);
    expect(receive(sub, response({ resources: [heartbeat("b", "1", 5)] }), anything, 0)).toMatchObject({
      kind: "accepted",
    });
    expect(sub.expiries.size).toBe(0);
  });
});

describe("errors of resources", () => {
  test("answer the name and keep what is held", () => {
    const sub = startedSubStream(["a", "b"]);
    receive(sub, response({ resources: [wire("a")] }), anything, 0);
    const errors = ["a", "b", "c"].map((name) => ({ name, code: 7, message: "denied" }));
    expect(receive(sub, response({ errors }), anything, 0)).toMatchObject({
      change: { errors: [{ name: "a" }, { name: "b", message: "denied" }] },
    });
    expect(versions(sub)).toEqual({ a: "1" });
    expect(isAnswered(sub, "b")).toBe(true);
    receive(sub, response({ resources: [wire("a", "2")] }), anything, 0);
    expect([...sub.errors.keys()]).toEqual(["b"]);
  });

  test("with the status NOT_FOUND are removals", () => {
    const sub = startedSubStream(["a"]);
    receive(sub, response({ resources: [wire("a")] }), anything, 0);
    const errors = [{ name: "a", code: 5, message: "" }];
    expect(receive(sub, response({ errors }), anything, 0)).toMatchObject({
      change: { removals: ["a"], missing: ["a"], errors: [] },
    });
  });
});

test("a held resource does not keep the response's memory", () => {
  const sub = startedSubStream(["a"]);
  const whole = Buffer.alloc(100_000);
  const body = { typeUrl: TYPE, value: whole.subarray(10, 20) };
  receive(sub, response({ resources: [wire("a", "1", { body })] }), anything, 0);
  expect(sub.held.get("a")?.value.buffer.byteLength).toBeLessThan(whole.length);
});
