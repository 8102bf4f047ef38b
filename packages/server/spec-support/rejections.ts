/** A response as the server wrote it. */
export interface Said {
  readonly values: ReadonlyMap<string, number>;
  readonly removed: readonly string[];
  /** How much had changed by then. */
  readonly at: number;
}

/** What may be wrong with a rejected response: it is still wanted, it has not changed since, and was not accepted before. */
export interface Suspects {
  readonly values: ReadonlyMap<string, number>;
  readonly removed: readonly string[];
}

/** What has to follow from a rejection. */
export interface Judgement {
  /** Kept from the client until they change. */
  readonly culprits: readonly string[];
  /** What goes again. */
  readonly others: readonly string[];
  /** Whether each of the others goes alone. */
  readonly alone: boolean;
  /** How many responses follow, if the client accepts them all and nothing else happens. */
  readonly attempts: number;
}

/**
 * Judges a rejection.
 *
 * @param named The names that the client's words hold.
 * @param whole State of the world, a type where omission is deletion: nothing can be sent alone.
 * @param omits The response left out something that the client is known to hold.
 */
export function judge(suspects: Suspects, named: ReadonlySet<string>, whole: boolean, omits: boolean): Judgement {
  const names = [...suspects.values.keys()];
  const removals = suspects.removed.length > 0 ? 1 : 0;
  const culprits = names.length === 1 ? names : names.filter((name) => named.has(name));
  const others = names.filter((name) => !culprits.includes(name));
  const alone = culprits.length === 0 && !whole;
  let attempts = 0;
  if (culprits.length > 0) attempts = others.length + removals > 0 || (whole && omits) ? 1 : 0;
  else if (names.length > 0) attempts = whole ? 2 : names.length + removals;
  return { culprits, others, alone, attempts };
}

/** Rejected content of a name. */
interface Entry {
  readonly value: number;
  /** Kept from the client for good, or only until its turn comes, alone or with others. */
  readonly state: "kept" | "alone" | "together";
  /** The server may have had a reason already to send it again all the same. */
  permitted: boolean;
  /** How much had changed when it was rejected. */
  readonly at: number;
}

/** What the server keeps from a client of one kind because the client rejected it. Content counts, not only names. */
export class Rejections {
  readonly #entries = new Map<string, Entry>();
  /** Removals that were rejected with something else: they go again at once. */
  readonly #again = new Set<string>();
  /** Removals that were rejected by themselves: they go again with the next change of something. */
  readonly #stays = new Set<string>();
  /** Those that a change has ended, and that were not served since. */
  readonly #ended = new Set<string>();

  /** The client rejected those, by this judgement. `stays`: what it goes on to hold although it is gone. */
  reject(
    { values, removed }: Suspects,
    { culprits, others, alone }: Judgement,
    stays: readonly string[],
    permitted: (name: string) => boolean,
    at: number,
  ): void {
    const note = (name: string, state: Entry["state"]) =>
      this.#entries.set(name, { value: values.get(name)!, state, permitted: permitted(name), at });
    if (stays.length === 0) for (const name of removed) this.#again.add(name);
    for (const name of culprits) note(name, "kept");
    for (const name of others) note(name, alone ? "alone" : "together");
    for (const name of stays) this.#stays.add(name);
  }

  /** The client may go on to hold those although they are gone: nobody knows that it does. */
  stay(names: Iterable<string>): void {
    for (const name of names) this.#stays.add(name);
  }

  /** The client may not hold those, and there is no way to find out. */
  doubt(names: readonly string[], values: ReadonlyMap<string, number>): void {
    for (const name of names)
      this.#entries.set(name, { value: values.get(name)!, state: "kept", permitted: true, at: 0 });
  }

  /** Something that a name refers to, or that all do, was sent, and changed at that time: that may make it good. Returns how many. */
  reconsider(name: string | undefined, changedAt: number): number {
    const entries = [...this.#entries].filter(([one]) => name === undefined || name === one);
    const good = entries.filter(([, { at }]) => changedAt > at);
    for (const [, entry] of good) entry.permitted = true;
    return good.length;
  }

  /** The client accepted content after all. */
  accept(values: ReadonlyMap<string, number>): void {
    for (const [name, value] of values) if (this.#entries.get(name)?.value === value) this.#entries.delete(name);
  }

  /** Content has changed. `mine`: also something that the client asked for. */
  changed(names: ReadonlySet<string>, mine: boolean): void {
    for (const name of names) {
      this.#entries.delete(name);
      this.#again.delete(name);
    }
    if (!mine) return;
    for (const name of this.#stays) this.#ended.add(name);
    this.#stays.clear();
  }

  /** How many responses are to come at most of what was rejected before. */
  get pending(): number {
    const waiting = [...this.#entries.values()].filter(({ state }) => state !== "kept").length;
    return waiting + (this.#again.size > 0 ? 1 : 0);
  }

  /** The server wrote something. */
  served({ values, removed }: Suspects): void {
    this.#ended.clear();
    for (const name of removed) this.#again.delete(name);
    this.accept(values);
  }

  /** The client asks for less. What has changed may concern it no longer, as if it had not. */
  narrowed(wanted: (name: string) => boolean): void {
    for (const name of this.#entries.keys()) if (!wanted(name)) this.#entries.delete(name);
    for (const name of this.#ended) this.#stays.add(name);
    this.#ended.clear();
  }

  /** The client asked for a name anew. State of the world: of one that is gone the server is silent. */
  asked(name: string, hearsOfRemoval: boolean): void {
    this.#entries.delete(name);
    if (!hearsOfRemoval) return;
    this.#stays.delete(name);
    this.#ended.delete(name);
  }

  /** The client asked for everything anew. */
  askedAll(): void {
    this.#entries.clear();
    this.#again.clear();
    this.#stays.clear();
    this.#ended.clear();
  }

  /** Whether the removal of a name was rejected. */
  keeps(name: string): boolean {
    return this.#again.has(name) || this.#stays.has(name) || this.#ended.has(name);
  }

  /** What became of just this content: undefined: it was not rejected. */
  stateOf(name: string, value: number | undefined): Entry | undefined {
    const entry = this.#entries.get(name);
    return entry?.value === value ? entry : undefined;
  }

  /** Whether the client may lack that content in the end; undefined: whether it may go on to hold what is gone. */
  mayLack(name: string, value: number | undefined): boolean {
    return value === undefined ? this.#stays.has(name) : this.stateOf(name, value)?.state === "kept";
  }

  /** Whether the client may lack that content for now. */
  mayWait(name: string, value: number | undefined): boolean {
    return value === undefined ? this.#stays.has(name) : this.stateOf(name, value) !== undefined;
  }
}
