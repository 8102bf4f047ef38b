import { expect, test } from "vitest";
import { STRUCTS } from "../../layout/layouts.js";
import { struct } from "../../layout/struct.js";
import { bpfObject } from "../../sink/object.js";
import { checkLayout } from "./btf.js";

// Throws, with the packages to install, where the programs are not compiled.
const { path } = bpfObject();

test("the structs of the programs are those of user space", () => {
  expect(() => checkLayout(path, STRUCTS)).not.toThrow();
});

test("fields that are elsewhere, structs that are missing and files without BTF are told", () => {
  const wrong = struct("redirect_key", { addr: "bytes16", protocol: "u8", pad: "u8", port: "be16", group: "u32" });
  expect(() => checkLayout(path, [wrong])).toThrow(
    "struct redirect_key has port (2 bytes at 16), expected protocol (1 bytes at 16)",
  );
  expect(() => checkLayout(path, [struct("redirect_key", { addr: "bytes16" })])).toThrow(
    "struct redirect_key has 24 bytes, expected 16",
  );
  expect(() => checkLayout(path, [struct("nothing", { a: "u32" })])).toThrow("struct nothing is missing");
  expect(() => checkLayout("/etc/hostname", STRUCTS)).toThrow("expected an object with BTF at /etc/hostname");
});
