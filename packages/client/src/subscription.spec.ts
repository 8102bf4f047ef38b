import { describe, expect, test } from "vitest";
import { anything, drain, response, TYPE, wire } from "../spec-support/messages.js";
import { createExpiryTimer } from "./expiry-timer.js";
import { broadcast, type Hub } from "./hub.js";
import type { DeltaResponse } from "./protocol/messages.js";
import { receive } from "./protocol/receive.js";
import { createSubStream } from "./protocol/sub-stream.js";
import { createSubscription, type XdsChange, type XdsSubscription } from "./subscription.js";
import { createWaiters } from "./waiters.js";

function setUp() {
  const sub = createSubStream(TYPE, { resources: 100, bytes: 100_000 });
  const expiry = createExpiryTimer(sub, () => {});
  const hub: Hub = { sub, expiry, counts: new Map(), members: new Set(), schema: undefined };
  const waiters = createWaiters();
  return {
    sub,
    waiters,
    requests: () => drain(sub),
    subscribe(names: string | readonly string[]) {
      const subscription = createSubscription({
        hub,
        waiters,
        wake: () => {},
        describeStatus: () => "the client is fine",
      });
      subscription.add(names);
      return subscription;
    },
    respond(parts: Partial<DeltaResponse>) {
      drain(sub);
      const outcome = receive(sub, response(parts), anything, 0);
      if (outcome.kind === "accepted") broadcast(hub, outcome.change, parts.nonce ?? "n1");
      waiters.poll();
    },
  };
}

const held = ({ resources }: XdsSubscription) =>
  Object.fromEntries([...resources].map(([name, { version }]) => [name, version]));

function changesOf(subscription: XdsSubscription) {
  const changes: { upserts: string[]; removals: readonly string[]; missing: readonly string[]; nonce?: string }[] = [];
  subscription.changes$.subscribe(({ upserts, removals, missing, nonce }: XdsChange) => {
    const names = upserts.map(({ name }) => name);
    changes.push({ upserts: names, removals, missing, ...(nonce === undefined ? {} : { nonce }) });
  });
  return changes;
}

describe("a subscription", () => {
  test("shows what matches its names, and nothing else", () => {
    const { subscribe, respond } = setUp();
    const named = subscribe(["a", "x", "nothing"]);
    const all = subscribe("*");
    const resources = [wire("a"), wire("b"), wire("c", "1", { aliases: ["x"] })];
    respond({ resources, removed: ["nothing"] });
    expect(held(named)).toEqual({ a: "1", c: "1" });
    expect(held(all)).toEqual({ a: "1", b: "1", c: "1" });
    expect([...named.missing]).toEqual(["nothing"]);
    expect([...all.missing]).toEqual([]);
    expect(named.get("x")?.name).toBe("c");
    expect(named.get("b")).toBeUndefined();
  });

  test("tells each change of its own, with the nonce that brought it", () => {
    const { subscribe, respond } = setUp();
    const changes = changesOf(subscribe(["a", "b"]));
    subscribe("other");
    respond({ resources: [wire("a")], removed: ["b"], nonce: "n1" });
    respond({ resources: [wire("other")], nonce: "n2" });
    respond({ resources: [wire("b")], removed: ["a"], nonce: "n3" });
    expect(changes).toEqual([
      { upserts: ["a"], removals: [], missing: ["b"], nonce: "n1" },
      { upserts: ["b"], removals: ["a"], missing: ["a"], nonce: "n3" },
    ]);
  });

  test("loses a resource whose new version lost the alias it was wanted by, though another keeps it", () => {
    const { subscribe, respond } = setUp();
    const byAlias = subscribe("x");
    const byName = subscribe("a");
    respond({ resources: [wire("a", "1", { aliases: ["x"] })] });
    const changes = changesOf(byAlias);
    respond({ resources: [wire("a", "2")] });
    expect(changes).toMatchObject([{ upserts: [], removals: ["a"] }]);
    expect(held(byAlias)).toEqual({});
    expect(held(byName)).toEqual({ a: "2" });
  });

  test("shows errors until there is a resource", () => {
    const { subscribe, respond } = setUp();
    const subscription = subscribe("a");
    respond({ errors: [{ name: "a", code: 7, message: "denied" }] });
    expect(subscription.errors.get("a")).toMatchObject({ code: 7, message: "denied" });
    respond({ resources: [wire("a")] });
    expect(subscription.errors.size).toBe(0);
  });

  test("refuses an empty name", () => {
    const subscription = setUp().subscribe([]);
    expect(() => subscription.add(["a", ""])).toThrow(expect.objectContaining({ code: "invalid-argument" }));
    expect([...subscription.names]).toEqual([]);
  });
});

describe("several subscriptions of a type", () => {
  test("ask for a common name once, and give it up with the last", () => {
    const { subscribe, requests } = setUp();
    const first = subscribe(["a", "b"]);
    const second = subscribe(["b", "c"]);
    expect(requests()).toMatchObject([{ subscribe: ["a", "b", "c"] }]);
    first.remove("b");
    expect(requests()).toEqual([]);
    second.close();
    expect(requests()).toMatchObject([{ unsubscribe: ["b", "c"] }]);
  });

  test("share what is held already", () => {
    const { subscribe, respond, requests } = setUp();
    subscribe("a");
    respond({ resources: [wire("a")] });
    requests();
    const second = subscribe("a");
    expect(held(second)).toEqual({ a: "1" });
    expect(requests()).toEqual([]);
  });

  test("keep what one of them removes", () => {
    const { subscribe, respond } = setUp();
    const first = subscribe(["a"]);
    const second = subscribe(["a"]);
    respond({ resources: [wire("a")] });
    const changes = [changesOf(first), changesOf(second)];
    first.remove(["a", "never added"]);
    expect(changes).toEqual([[{ upserts: [], removals: ["a"], missing: [] }], []]);
    expect([held(first), held(second)]).toEqual([{}, { a: "1" }]);
  });

  test("may be changed by a listener while a response is told", () => {
    const { subscribe, respond, sub } = setUp();
    const first = subscribe("a");
    const second = subscribe(["a", "b"]);
    const third = subscribe("b");
    first.changes$.subscribe(() => {
      second.remove("b");
      third.close();
      second.add("c");
    });
    const changes = [changesOf(second), changesOf(third)];
    respond({ resources: [wire("a"), wire("b")] });
    expect(changes).toEqual([[{ upserts: ["a"], removals: [], missing: [], nonce: "n1" }], []]);
    expect(held(second)).toEqual({ a: "1" });
    expect([...sub.held.keys()]).toEqual(["a"]);
  });
});

describe("a listener that changes subscriptions while a response is told", () => {
  test("makes no other subscription show what is held no longer", () => {
    const { subscribe, respond, sub } = setUp();
    const first = subscribe("a");
    const second = subscribe("a");
    first.changes$.subscribe(() => {
      first.remove("a");
      second.remove("a");
      second.add("a");
    });
    respond({ resources: [wire("a")] });
    expect([sub.held.size, held(second)]).toEqual([0, {}]);
  });

  test("makes no other subscription tell a resource twice", () => {
    const { subscribe, respond } = setUp();
    const first = subscribe(["a", "b"]);
    const second = subscribe("a");
    first.changes$.subscribe(() => second.add("b"));
    const changes = changesOf(second);
    respond({ resources: [wire("a"), wire("b")] });
    expect(changes.map(({ upserts }) => upserts)).toEqual([["b"], ["a"]]);
  });

  test("can close another one, which is then told nothing", () => {
    const { subscribe, respond } = setUp();
    const first = subscribe("a");
    const second = subscribe("a");
    first.changes$.subscribe(() => second.close());
    respond({ resources: [wire("a")] });
    expect(held(second)).toEqual({});
  });
});

describe("synced", () => {
  test("resolves when every name is answered: held, missing or in error", async () => {
    const { subscribe, respond } = setUp();
    const subscription = subscribe(["a", "b", "c"]);
    let synced = false;
    const waiting = subscription.synced().then(() => {
      synced = true;
    });
    respond({ resources: [wire("a")], removed: ["b"] });
    await Promise.resolve();
    expect(synced).toBe(false);
    respond({ errors: [{ name: "c", code: 7, message: "denied" }] });
    await waiting;
  });

  test("resolves for the wildcard with the first response, even an empty one", async () => {
    const { subscribe, respond } = setUp();
    const waiting = subscribe("*").synced();
    respond({});
    await waiting;
  });

  test("counts only the names that are still there", async () => {
    const { subscribe, respond } = setUp();
    const subscription = subscribe(["a", "silent"]);
    const waiting = subscription.synced();
    respond({ resources: [wire("a")] });
    subscription.remove("silent");
    await waiting;
  });

  test("tells which name has no answer when its time is over", async () => {
    const { subscribe, respond } = setUp();
    const subscription = subscribe(["a", "silent"]);
    respond({ resources: [wire("a")] });
    await expect(subscription.synced({ deadlineMs: 1 })).rejects.toMatchObject({
      code: "timeout",
      message: `after 1 ms: no answer for "silent" of ${TYPE}; the client is fine`,
    });
  });

  test("is rejected when the subscription is closed", async () => {
    const subscription = setUp().subscribe("a");
    const waiting = subscription.synced();
    subscription.close();
    await expect(waiting).rejects.toMatchObject({ code: "closed" });
    await expect(subscription.synced()).rejects.toMatchObject({ code: "closed" });
  });
});

test("a closed subscription completes, keeps its content and takes no more names", () => {
  const { subscribe, respond } = setUp();
  const subscription = subscribe("a");
  respond({ resources: [wire("a")] });
  let complete = false;
  subscription.changes$.subscribe({
    complete() {
      complete = true;
    },
  });
  subscribe("a");
  subscription.close();
  subscription.close();
  respond({ resources: [wire("a", "2")] });
  expect([complete, held(subscription)]).toEqual([true, { a: "1" }]);
  expect(() => subscription.add("b")).toThrow(expect.objectContaining({ code: "closed" }));
});
