import { expect, test } from "vitest";
import { TYPE } from "../../spec-support/messages.js";
import { createResource, resourceSize } from "../resource.js";
import { createSubStream, drop, heldBy, hold } from "./sub-stream.js";

const thing = (name: string, aliases: string[] = []) =>
  createResource({ typeUrl: TYPE, name, version: "1", aliases, value: Buffer.alloc(10) });

test("resources are found by name and by alias, each once", () => {
  const sub = createSubStream(TYPE, { resources: 10, bytes: 1000 });
  const a = thing("a", ["x", "y"]);
  const b = thing("b", ["x", "b"]);
  hold(sub, a);
  hold(sub, b);
  expect(heldBy(sub, "a")).toEqual([a]);
  expect(heldBy(sub, "b")).toEqual([b]);
  expect(heldBy(sub, "x")).toEqual([a, b]);
  expect(heldBy(sub, "z")).toEqual([]);
});

test("a new version takes the old one's place and its aliases", () => {
  const sub = createSubStream(TYPE, { resources: 10, bytes: 1000 });
  hold(sub, thing("a", ["x"]));
  const next = thing("a", ["y"]);
  hold(sub, next);
  expect(heldBy(sub, "x")).toEqual([]);
  expect(heldBy(sub, "y")).toEqual([next]);
  expect(sub.bytes).toBe(resourceSize(next));
});

test("nothing stays of a resource that is dropped", () => {
  const sub = createSubStream(TYPE, { resources: 10, bytes: 1000 });
  hold(sub, thing("a", ["x"]));
  sub.expiries.set("a", 5);
  drop(sub, "a");
  drop(sub, "never held");
  expect([sub.held.size, sub.owners.size, sub.expiries.size, sub.bytes]).toEqual([0, 0, 0, 0]);
});
