import { expect, test } from "vitest";
import { TestkitError } from "../error.js";
import { addressOf, addressText, needsDns } from "./address.js";

test.each(["127.0.0.1:80", "[::1]:65535", "localhost:0", "unix:/run/xds.sock"])(
  "%s is read and written alike",
  (text) => {
    expect(addressText(addressOf(text))).toBe(text);
  },
);

test.each(["127.0.0.1", "::1:80", "host:65536", ":80", "host:x", ""])("%j is refused", (text) => {
  expect(() => addressOf(text)).toThrow(TestkitError);
});

test("only names need DNS", () => {
  expect(needsDns(addressOf("localhost:80"))).toBe(true);
  expect(needsDns(addressOf("fade.cafe:80"))).toBe(true);
  expect(needsDns(addressOf("127.0.0.1:80"))).toBe(false);
  expect(needsDns(addressOf("[::1]:80"))).toBe(false);
  expect(needsDns(addressOf("unix:/run/xds.sock"))).toBe(false);
});
