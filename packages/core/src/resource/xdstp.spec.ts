import { expect, test } from "vitest";
import { canonicalName, collectionOf, isCollection } from "./xdstp.js";

test("context parameters are compared without regard to their order", () => {
  expect(canonicalName("xdstp://a/T/x?zone=1&env=b")).toBe("xdstp://a/T/x?env=b&zone=1");
  expect(canonicalName("xdstp://a/T/x?env=b&zone=1#entry=y")).toBe("xdstp://a/T/x?env=b&zone=1#entry=y");
  expect(canonicalName("plain?b&a")).toBe("plain?b&a");
});

test("a resource belongs to the collection of its siblings", () => {
  expect(collectionOf("xdstp://a/T/foo/bar/baz?z=1&e=2")).toBe("xdstp://a/T/foo/bar/*?e=2&z=1");
  expect(collectionOf("xdstp:///T/x")).toBe("xdstp:///T/*");
  expect(collectionOf("xdstp://a/T/foo/*")).toBeUndefined();
  expect(collectionOf("xdstp://a/T")).toBeUndefined();
  expect(collectionOf("foo/bar")).toBeUndefined();
});

test("only an xdstp name that ends with a star is a collection", () => {
  expect(isCollection("xdstp://a/T/foo/*?e=1")).toBe(true);
  expect(isCollection("xdstp://a/T/foo/x")).toBe(false);
  expect(isCollection("foo/*")).toBe(false);
});
