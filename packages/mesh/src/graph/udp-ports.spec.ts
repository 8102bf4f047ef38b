import fc from "fast-check";
import { expect, test } from "vitest";
import { udpPorts } from "./udp-ports.js";

const range = { from: 100, to: 139 };

test("each key has a port of its own in the range, whatever the order of the keys", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ maxLength: 6 }), { maxLength: 40 }), (keys) => {
      const ports = udpPorts(keys, range);
      expect(ports.size).toBe(keys.length);
      expect(new Set(ports.values()).size).toBe(keys.length);
      for (const port of ports.values()) expect(port >= range.from && port <= range.to).toBe(true);
      expect(udpPorts([...keys].reverse(), range)).toEqual(ports);
    }),
  );
});

test("keys that find no room are left out", () => {
  expect(udpPorts(["a", "b", "c"], { from: 1, to: 2 }).size).toBe(2);
});

test("one more key hardly ever moves another", () => {
  const keys = Array.from({ length: 50 }, (_, i) => `shop/dns-${i}:53`);
  const wide = { from: 15_100, to: 16_099 };
  const before = udpPorts(keys, wide);
  const after = udpPorts([...keys, "shop/new:53"], wide);
  const moved = keys.filter((key) => before.get(key) !== after.get(key));
  expect(moved.length).toBeLessThanOrEqual(1);
});
