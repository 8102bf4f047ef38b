import { BlockList, isIPv6 } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addressBytes, addressText } from "./address.js";

test("addresses are sixteen bytes in network order, IPv4 mapped into IPv6", () => {
  expect(Buffer.from(addressBytes("10.96.0.1")).toString("hex")).toBe("00000000000000000000ffff0a600001");
  expect(Buffer.from(addressBytes("::1")).toString("hex")).toBe("00000000000000000000000000000001");
  expect(Buffer.from(addressBytes("fd00:96::a:1")).toString("hex")).toBe("fd0000960000000000000000000a0001");
  expect(Buffer.from(addressBytes("::ffff:1.2.3.4"))).toEqual(Buffer.from(addressBytes("1.2.3.4")));
  expect(Buffer.from(addressBytes("1::")).toString("hex")).toBe("00010000000000000000000000000000");
});

test("what is no address is refused with what it is", () => {
  for (const text of ["", "10.0.0", "10.0.0.256", "fe80::1%eth0", "host", "1:2:3:4:5:6:7:8:9"]) {
    expect(() => addressBytes(text)).toThrow(`got ${JSON.stringify(text)}`);
  }
});

test("text and bytes lead to each other, and IPv6 is written as Node.js reads it", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const bytes = addressBytes(text);
      const written = addressText(bytes);
      expect(addressBytes(written)).toEqual(bytes);
      expect(addressText(addressBytes(written))).toBe(written);
      const list = new BlockList();
      const family = isIPv6(text) ? "ipv6" : "ipv4";
      list.addAddress(text, family);
      expect(list.check(written, isIPv6(written) ? "ipv6" : "ipv4")).toBe(true);
    }),
  );
});

test("the longest run of zeros is left out, the first of equals, never one alone (RFC 5952)", () => {
  expect(addressText(addressBytes("2001:db8:0:0:1:0:0:1"))).toBe("2001:db8::1:0:0:1");
  expect(addressText(addressBytes("1:0:2:3:4:5:6:7"))).toBe("1:0:2:3:4:5:6:7");
  expect(addressText(addressBytes("::"))).toBe("::");
  expect(addressText(addressBytes("1:0:0:0:0:0:0:0"))).toBe("1::");
});
