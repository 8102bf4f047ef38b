import type { Scope } from "@rxds/core";

/** What any of two scopes shows. */
export function union(a: Scope, b: Scope): Scope {
  const all: Record<string, Iterable<string>> = {};
  for (const type of new Set([...Object.keys(a), ...Object.keys(b)])) {
    all[type] = new Set([...namesOf(a, type), ...namesOf(b, type)]);
  }
  return all;
}

/** Whether two scopes show the same. */
export function sameScope(a: Scope, b: Scope): boolean {
  const types = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...types].every((type) => {
    const names = new Set(namesOf(a, type));
    const others = new Set(namesOf(b, type));
    return names.size === others.size && [...names].every((name) => others.has(name));
  });
}

function namesOf(scope: Scope, type: string): Iterable<string> {
  const names = scope[type];
  return names === undefined || names === "all" ? [] : names;
}
