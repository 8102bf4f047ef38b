import type { RouteMatchSpec } from "@rxds/core";
import type { Route } from "../model/document.js";

type Match = NonNullable<Route["spec"]["rules"][number]["matches"]>[number];

/** A prefix as paths are compared with it: without a `/` at its end, unless it is nothing else. */
const bare = (prefix: string): string => (prefix === "/" ? prefix : prefix.replace(/\/+$/, "") || "/");

/** How a path is matched. */
export function pathMatch(path: Match["path"]): RouteMatchSpec {
  if (path === undefined) return { prefix: "/" };
  if ("exact" in path) return { path: path.exact };
  if ("regex" in path) return { regex: path.regex };
  const prefix = bare(path.prefix);
  return prefix === "/" ? { prefix } : { pathSeparatedPrefix: prefix };
}

/** How Envoy replaces a matched prefix: one of its two ways. */
export type PrefixReplacement =
  | { readonly prefixRewrite: string }
  | { readonly regexRewrite: { readonly pattern: string; readonly substitution: string } };

/**
 * What puts one prefix in the place of another, so that there is exactly one `/` between it and the rest of the path. An
 * exact path is replaced as a whole. Undefined: nothing is known of what is matched.
 */
export function replacePrefix(path: Match["path"], replacement: string): PrefixReplacement | undefined {
  if (path !== undefined && "regex" in path) return undefined;
  if (path !== undefined && "exact" in path) return { prefixRewrite: replacement };
  const from = path === undefined ? "/" : bare(path.prefix);
  const to = bare(replacement);
  if (from === "/") return { prefixRewrite: to === "/" ? "/" : `${to}/` };
  if (to !== "/") return { prefixRewrite: to };
  return { regexRewrite: { pattern: `^${literal(from)}/*`, substitution: "/" } };
}

/** A text as a regular expression that matches it. */
const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
