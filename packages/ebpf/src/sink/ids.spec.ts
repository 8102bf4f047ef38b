import { expect, test } from "vitest";
import { openMachine } from "../kernel/memory/memory-kernel.js";
import { MAPS } from "../layout/pins.js";
import { Names, shorten } from "./ids.js";

function names() {
  const { maps } = openMachine().process();
  const map = maps.create("names", { ...MAPS.names, maxEntries: 10 });
  return { maps, map, names: new Names(maps, map) };
}

test("a name keeps its id, also for the next process; ids are not given twice", async () => {
  const { maps, map, names: first } = names();
  expect([first.id("service", "a/x"), first.id("service", "a/y"), first.id("service", "a/x")]).toEqual([1, 2, 1]);
  expect(first.id("proxy", "a/x")).toBe(1);
  first.forget("service", 1);
  expect(first.name("service", 1)).toBeUndefined();
  const second = new Names(maps, map);
  await second.read();
  expect(second.known("service", "a/y")).toBe(2);
  expect(second.known("service", "a/x")).toBeUndefined();
  expect(second.id("service", "a/z")).toBe(3);
  expect(second.name("proxy", 1)).toBe("a/x");
});

test("who a cookie is of is written once, and again when it is another's", () => {
  const { maps, names: first } = names();
  first.tell("networkNamespace", 7n, "a/pod");
  const { writes } = maps;
  first.tell("networkNamespace", 7n, "a/pod");
  expect(maps.writes).toBe(writes);
  first.tell("networkNamespace", 7n, "a/other");
  expect(first.name("networkNamespace", 7n)).toBe("a/other");
});

test("names that are too long stay apart, and keep their end", () => {
  const long = (start: string) => `${start}${"x".repeat(200)}/end`;
  const [a, b] = [shorten(long("a")), shorten(long("b"))];
  expect(a).not.toBe(b);
  expect(a).toHaveLength(127);
  expect(a.endsWith("x/end")).toBe(true);
  expect(shorten("é".repeat(60))).toBe("é".repeat(60));
  expect(Buffer.byteLength(shorten("é".repeat(100)))).toBeLessThanOrEqual(127);
  expect(shorten(shorten(long("a")))).toBe(a);
});
