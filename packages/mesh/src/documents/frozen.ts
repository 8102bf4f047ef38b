/** A copy of plain data that cannot be changed at any depth; members that are undefined are left out. */
export function frozen<T>(value: T): T {
  return freeze(value) as T;
}

function freeze(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(freeze));
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.freeze(Object.fromEntries(members.map(([key, member]) => [key, freeze(member)])));
}

/** Whether plain data is equal; the order of a map's members does not count. */
export function sameData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const entries = Object.entries(a);
  if (entries.length !== Object.keys(b).length) return false;
  return entries.every(([key, value]) => Object.hasOwn(b, key) && sameData(value, (b as Record<string, unknown>)[key]));
}
