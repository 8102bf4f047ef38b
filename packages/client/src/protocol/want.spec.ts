import { describe, expect, test } from "vitest";
import { anything, drain, response, startedSubStream, versions, wire } from "../../spec-support/messages.js";
import { streamLost } from "./next-request.js";
import { receive } from "./receive.js";
import { unwant, want } from "./want.js";

describe("want", () => {
  test("asks for new names in one request without a nonce", () => {
    const sub = startedSubStream(["a"]);
    want(sub, ["b"]);
    want(sub, ["a", "c"]);
    expect(drain(sub)).toMatchObject([{ subscribe: ["b", "c"], unsubscribe: [], responseNonce: "" }]);
  });

  test("asks again for a name that was given up and taken back before the server heard of it", () => {
    const sub = startedSubStream(["a"]);
    receive(sub, response({ resources: [wire("a")] }), anything, 0);
    drain(sub);
    unwant(sub, ["a"]);
    want(sub, ["a"]);
    expect(versions(sub)).toEqual({});
    expect(drain(sub)).toMatchObject([{ subscribe: ["a"], unsubscribe: [] }]);
  });

  test("gives up the wildcard in a request of its own before it asks for it again", () => {
    const sub = startedSubStream(["*"]);
    unwant(sub, ["*"]);
    want(sub, ["*", "a"]);
    expect(drain(sub)).toMatchObject([
      { subscribe: ["a"], unsubscribe: ["*"] },
      { subscribe: ["*"], unsubscribe: [] },
    ]);
  });

  test("remembers names that come while there is no stream", () => {
    const sub = startedSubStream(["a"]);
    streamLost(sub);
    want(sub, ["b"]);
    unwant(sub, ["a"]);
    expect(drain(sub)).toMatchObject([{ subscribe: ["b"], unsubscribe: [] }]);
  });
});

describe("unwant", () => {
  test("drops what only the name matched, and tells the server", () => {
    const sub = startedSubStream(["a", "b"]);
    receive(sub, response({ resources: [wire("a"), wire("b")] }), anything, 0);
    drain(sub);
    unwant(sub, ["a", "never wanted"]);
    expect(versions(sub)).toEqual({ b: "1" });
    expect(drain(sub)).toMatchObject([{ subscribe: [], unsubscribe: ["a"] }]);
  });

  test("says nothing about a name that the server was never told", () => {
    const sub = startedSubStream(["a"]);
    want(sub, ["b"]);
    unwant(sub, ["b"]);
    expect(drain(sub)).toEqual([]);
  });

  test("tells the server once, also when the name comes and goes again", () => {
    const sub = startedSubStream(["a"]);
    unwant(sub, ["a"]);
    drain(sub);
    want(sub, ["a"]);
    unwant(sub, ["a"]);
    expect(drain(sub)).toEqual([]);
  });

  test("keeps a resource that the wildcard still matches until the server has decided", () => {
    const sub = startedSubStream(["*", "a"]);
    receive(sub, response({ resources: [wire("a")] }), anything, 0);
    unwant(sub, ["a"]);
    expect(versions(sub)).toEqual({ a: "1" });
    receive(sub, response({ removed: ["a"] }), anything, 0);
    expect(versions(sub)).toEqual({});
  });

  test("drops what only the wildcard matched", () => {
    const sub = startedSubStream(["*", "a", "x"]);
    const resources = [wire("a"), wire("b"), wire("c", "1", { aliases: ["x"] })];
    receive(sub, response({ resources }), anything, 0);
    unwant(sub, ["*"]);
    expect(versions(sub)).toEqual({ a: "1", c: "1" });
  });

  test("drops a resource that was wanted by its alias", () => {
    const sub = startedSubStream(["x", "y"]);
    receive(sub, response({ resources: [wire("a", "1", { aliases: ["x", "y"] })] }), anything, 0);
    unwant(sub, ["x"]);
    expect(versions(sub)).toEqual({ a: "1" });
    unwant(sub, ["y"]);
    expect(versions(sub)).toEqual({});
    expect(sub.owners.size).toBe(0);
    expect(sub.bytes).toBe(0);
  });
});
