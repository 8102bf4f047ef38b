/** Names with their values, by kind of resource. */
export type Content = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** What a view shows: of each kind all, or those names; of a kind that is not there nothing. */
export type ShownNames = Readonly<Record<string, "all" | readonly string[]>>;

/** What a client asked for of one kind. */
export interface Wants {
  readonly names: ReadonlySet<string>;
  readonly wildcard: boolean;
}

/** The part of a configuration that a view shows. */
export function view(content: Content, shown: ShownNames): Content {
  const seen = new Map<string, ReadonlyMap<string, number>>();
  for (const [kind, resources] of content) {
    const names = shown[kind];
    if (names === undefined) continue;
    seen.set(kind, new Map([...resources].filter(([name]) => names === "all" || names.includes(name))));
  }
  return seen;
}

/** What a client has to hold of one kind in the end: what it asked for, as it is in the last good configuration. */
export function expected(seen: Content, kind: string, wants: Wants): ReadonlyMap<string, number> {
  const all = seen.get(kind) ?? new Map<string, number>();
  return new Map([...all].filter(([name]) => wants.wildcard || wants.names.has(name)));
}

/** Names whose value differs between two states. */
export function changedNames(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Set<string> {
  const names = new Set([...before.keys(), ...after.keys()]);
  for (const name of names) if (before.get(name) === after.get(name)) names.delete(name);
  return names;
}

/**
 * Where a client's state is not what it has to be; empty: it is.
 *
 * @param excused Whether a name may lack a value, or, without one, be held although it is gone.
 * @param hearsOfRemovals Whether the protocol can tell a client that a resource of this kind is gone.
 */
export function differences(
  held: ReadonlyMap<string, number>,
  due: ReadonlyMap<string, number>,
  wants: Wants,
  excused: (name: string, value: number | undefined) => boolean,
  hearsOfRemovals: boolean,
): string[] {
  const found: string[] = [];
  for (const name of new Set([...held.keys(), ...due.keys()])) {
    const [has, should] = [held.get(name), due.get(name)];
    const wanted = wants.wildcard || wants.names.has(name);
    if (!wanted || has === should || excused(name, should)) continue;
    if (should === undefined && !hearsOfRemovals) continue;
    found.push(`${name}: has ${has ?? "nothing"} instead of ${should ?? "nothing"}`);
  }
  return found;
}
