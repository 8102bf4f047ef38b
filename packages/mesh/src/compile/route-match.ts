import type { RouteMatchSpec } from "@rxds/core";
import type { Route } from "../model/document.js";
import { pathMatch } from "./route-path.js";

type Match = NonNullable<Route["spec"]["rules"][number]["matches"]>[number];

/** Which requests a rule takes. */
export function matchSpec({ path, methods, headers, query }: Match): RouteMatchSpec {
  return {
    ...pathMatch(path),
    ...(methods === undefined ? {} : { methods }),
    ...(headers === undefined ? {} : { headers: mapValues(headers, presenceOr) }),
    ...(query === undefined ? {} : { query: mapValues(query, presenceOr) }),
  };
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

/** Whether only the presence is asked for, and which; else the match as it is. */
function presenceOr<T, P>(match: T | { readonly present: P }): T | P {
  return typeof match === "object" && match !== null && "present" in match ? match.present : match;
}
