import { expect, test } from "vitest";
import { anything, response } from "../spec-support/messages.js";
import { createExpiryTimer } from "./expiry-timer.js";
import { type Hub, release, retain, takeRequest } from "./hub.js";
import { receive } from "./protocol/receive.js";
import { createSubStream } from "./protocol/sub-stream.js";

function createHub(typeUrl: string): Hub {
  const sub = createSubStream(typeUrl, { resources: 10, bytes: 1000 });
  return { sub, expiry: createExpiryTimer(sub, () => {}), counts: new Map(), members: new Set(), schema: undefined };
}

test("a name is wanted from the first to the last that wants it", () => {
  const hub = createHub("t");
  retain(hub, ["a", "b"]);
  retain(hub, ["a"]);
  release(hub, ["a", "b"]);
  expect([...hub.sub.wanted]).toEqual(["a"]);
  release(hub, ["a"]);
  expect([hub.sub.wanted.size, hub.counts.size]).toEqual([0, 0]);
});

test("types take turns", () => {
  const hubs = new Map(["t", "u"].map((typeUrl) => [typeUrl, createHub(typeUrl)]));
  for (const hub of hubs.values()) retain(hub, ["a"]);
  const take = () => takeRequest(hubs)?.typeUrl;
  expect([take(), take(), take()]).toEqual(["t", "u", undefined]);
  for (const { sub } of hubs.values()) for (const nonce of ["1", "2"]) receive(sub, response({ nonce }), anything, 0);
  expect([take(), take(), take(), take(), take()]).toEqual(["t", "u", "t", "u", undefined]);
});
