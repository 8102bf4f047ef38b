import { expect, test } from "vitest";
import { pathMatch, replacePrefix } from "./route-path.js";

/** What a replacement makes of a path that the match takes, as Envoy does it. */
function replaced(prefix: string, replacement: string, path: string): string {
  const way = replacePrefix({ prefix }, replacement);
  if (way === undefined) throw new Error("no way");
  if ("regexRewrite" in way) return path.replace(new RegExp(way.regexRewrite.pattern), way.regexRewrite.substitution);
  const match = pathMatch({ prefix });
  return way.prefixRewrite + path.slice((match.pathSeparatedPrefix ?? match.prefix ?? "").length);
}

test.each([
  ["/api", "/v2", "/api/users", "/v2/users"],
  ["/api", "/v2", "/api", "/v2"],
  ["/api/", "/v2/", "/api/users", "/v2/users"],
  ["/api", "/", "/api/users", "/users"],
  ["/api", "/", "/api", "/"],
  ["/api", "/", "/api//users", "/users"],
  ["/", "/v2", "/users", "/v2/users"],
  ["/", "/", "/users", "/users"],
  ["/a.b", "/", "/a.b/c", "/c"],
])("%s -> %s makes of %s %s", (prefix, replacement, path, expected) => {
  expect(replaced(prefix, replacement, path)).toBe(expected);
});

test("an exact path is replaced as a whole; of a regular expression nothing is known", () => {
  expect(replacePrefix({ exact: "/a" }, "/b")).toEqual({ prefixRewrite: "/b" });
  expect(replacePrefix({ regex: "/a+" }, "/b")).toBeUndefined();
  expect(replacePrefix(undefined, "/b")).toEqual({ prefixRewrite: "/b/" });
});
