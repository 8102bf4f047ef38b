import { expect, test } from "vitest";
import { textOf } from "./markdown.js";

/** The limits of XdsLimits with the defaults that their doc comments tell. */
function limits(): [name: string, standard: string][] {
  const source = textOf("packages/server/src/xds-options.ts");
  const body = /export interface XdsLimits \{([\s\S]*?)\n\}/.exec(source)?.[1] ?? "";
  return [...body.matchAll(/\/\*\*([\s\S]*?)\*\/\s*readonly (\w+)/g)].map(([, comment = "", name = ""]) => [
    name,
    /Default: ([^.]+)\./.exec(comment)?.[1] ?? "",
  ]);
}

test("SECURITY.md lists every limit on clients with its default", () => {
  expect(limits().length).toBeGreaterThan(0);
  const rows = textOf("SECURITY.md")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const listed = rows.map(([, name = "", standard = ""]) => [name.replaceAll("`", ""), standard]);
  expect(listed).toEqual(limits());
});
