import { expect, test } from "vitest";
import { parseCommand } from "./arguments.js";
import { columns, printJson } from "./print.js";

test("commands and their options are read", () => {
  expect(parseCommand(["status", "--pins", "/x", "--json"])).toEqual({ name: "status", pins: "/x", json: true });
  expect(parseCommand(["verify", "plan.json", "--host-netns", "/n"])).toEqual({
    name: "verify",
    plan: "plan.json",
    hostNetworkNamespace: "/n",
    json: false,
  });
  expect(parseCommand([]).name).toBe("help");
  expect(parseCommand(["remove", "-h"]).name).toBe("help");
});

test("what cannot be is refused with what was expected", () => {
  expect(() => parseCommand(["erase"])).toThrow('expected one of status, dump, verify, remove, help, got "erase"');
  expect(() => parseCommand(["verify"])).toThrow("expected a file with a redirect plan");
  expect(() => parseCommand(["status", "more"])).toThrow('expected nothing after status, got "more"');
  expect(() => parseCommand(["status", "--wrong"])).toThrow();
});

test("columns are as wide as their cells, and JSON has large numbers as text", () => {
  expect(
    columns([
      ["a", "number"],
      ["longer", 7],
    ]),
  ).toEqual(["a       number", "longer       7"]);
  expect(printJson({ id: 2n ** 63n })).toContain('"9223372036854775808"');
});
