import fc from "fast-check";
import { expect, test } from "vitest";
import { redirectKey, redirectTo, STRUCTS, sinkState } from "./layouts.js";
import { struct } from "./struct.js";

test("fields are where C puts them, ports in network order and all else as the machine has it", () => {
  const bytes = redirectKey.encode({ addr: Buffer.alloc(16, 7), port: 0x1234, protocol: 6, group: 0x01020304 });
  expect(bytes.toString("hex")).toBe(`${"07".repeat(16)}1234060004030201`);
  expect(redirectKey.decode(bytes)).toEqual({
    addr: new Uint8Array(16).fill(7),
    port: 0x1234,
    protocol: 6,
    pad: 0,
    group: 0x01020304,
  });
});

test("padding that C would add must be declared", () => {
  expect(() => struct("bad", { a: "u8", b: "u32" })).toThrow("struct bad to declare the padding before b");
  expect(() => struct("bad", { a: "u64", b: "u32" })).toThrow("struct bad to declare the padding at its end");
});

test("values that do not fit are refused, and what is there already is overwritten", () => {
  expect(() => redirectTo.encode({ port: 70_000 })).toThrow(RangeError);
  expect(() => sinkState.encode({ plan: Buffer.alloc(65) })).toThrow("expected at most 64 bytes for plan");
  const into = Buffer.alloc(redirectTo.size, 0xff);
  redirectTo.encode({ service: 1 }, into);
  expect(into).toEqual(redirectTo.encode({ service: 1 }));
});

test("what is decoded encodes to the same bytes", () => {
  for (const one of STRUCTS) {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: one.size, maxLength: one.size }), (random) => {
        const bytes = Buffer.from(random);
        const encode = one.encode as (value: unknown) => Buffer;
        expect(encode(one.decode(bytes))).toEqual(bytes);
      }),
    );
  }
});
