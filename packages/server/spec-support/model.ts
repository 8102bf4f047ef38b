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
 * What a client may lack of one kind because it rejected it. What was rejected goes again with the next change of
 * anything of the kind that the client asked for; what was rejected by name, when it has changed itself.
 */
export class Rejected {
  readonly #until = new Map<string, "any change" | "its change">();
  /** What a change has ended, and was not served since. */
  readonly #ended = new Map<string, "any change" | "its change">();

  /** The client rejected a response that held those names, and blamed some of them. */
  reject(names: Iterable<string>, blamed: ReadonlySet<string>): void {
    for (const name of names) {
      const before = this.#until.get(name);
      this.#until.set(name, blamed.has(name) ? "its change" : (before ?? "any change"));
    }
  }

  /** Some of what the client asked for has changed. */
  changed(names: ReadonlySet<string>): void {
    if (names.size === 0) return;
    for (const [name, until] of this.#until) {
      if (until !== "any change" && !names.has(name)) continue;
      this.#until.delete(name);
      this.#ended.set(name, until);
    }
  }

  /** The client was sent something. */
  served(): void {
    this.#ended.clear();
  }

  /** The client asks for less: what has changed may concern it no longer, as if it had not. */
  narrowed(): void {
    for (const [name, until] of this.#ended) this.#until.set(name, until);
    this.#ended.clear();
  }

  /** The client asked for a name anew, or with no name given: began a new stream. */
  asked(name?: string): void {
    for (const map of [this.#until, this.#ended]) {
      if (name === undefined) map.clear();
      else map.delete(name);
    }
  }

  mayLack(name: string): boolean {
    return this.#until.has(name);
  }
}

/**
 * Where a client's state is not what it has to be; empty: it is.
 *
 * @param hearsOfRemovals Whether the protocol can tell a client that a resource of this kind is gone.
 */
export function differences(
  held: ReadonlyMap<string, number>,
  due: ReadonlyMap<string, number>,
  wants: Wants,
  rejected: Rejected,
  hearsOfRemovals: boolean,
): string[] {
  const found: string[] = [];
  for (const name of new Set([...held.keys(), ...due.keys()])) {
    const [has, should] = [held.get(name), due.get(name)];
    const wanted = wants.wildcard || wants.names.has(name);
    if (!wanted || has === should || rejected.mayLack(name)) continue;
    if (should === undefined && !hearsOfRemovals) continue;
    found.push(`${name}: has ${has ?? "nothing"} instead of ${should ?? "nothing"}`);
  }
  return found;
}
