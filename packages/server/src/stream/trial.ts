import type { Table } from "@rxds/core";

/**
 * The search for what a client rejected without naming it: the rejected content is sent again in smaller groups, each once,
 * until the culprits are alone. Also what was innocent in a rejected response goes again this way.
 */
export class Trial {
  /** Ids that wait, with the commit of the content that is to be tried. Retained. */
  readonly #waiting = new Map<number, number>();
  readonly #groups: (readonly number[])[] = [];

  constructor(readonly table: Table) {}

  /** Whether nothing waits. */
  get over(): boolean {
    return this.#waiting.size === 0;
  }

  /** Every id that waits. */
  ids(): Iterable<number> {
    return this.#waiting.keys();
  }

  /** Puts groups of content as of a commit in front of those that wait. */
  add(groups: readonly (readonly number[])[], at: number): void {
    for (const id of groups.flat()) {
      if (!this.#waiting.has(id)) this.table.retainId(id);
      this.#waiting.set(id, at);
    }
    this.#groups.unshift(...groups.filter((group) => group.length > 0));
  }

  /** The group whose turn it is, without what was dropped since; empty: nothing waits. */
  next(): readonly number[] {
    for (;;) {
      const group = this.#groups[0]?.filter((id) => this.#waiting.has(id));
      if (group === undefined) return [];
      if (group.length > 0) return group;
      this.#groups.shift();
    }
  }

  /** The next group was sent. */
  shift(): void {
    for (const id of this.#groups.shift() ?? []) this.drop(id);
  }

  /** Whether a name waits for its turn with that content. */
  has(id: number, changedAt: number): boolean {
    const at = this.#waiting.get(id);
    return at !== undefined && changedAt <= at;
  }

  /** A name is not to be tried any more: it is not wanted, or goes out anyway. */
  drop(id: number): void {
    if (this.#waiting.delete(id)) this.table.release(id);
  }

  /** What has changed since is news, and not to be tried any more. */
  dropChanged(changedAt: (id: number) => number): void {
    for (const [id, at] of [...this.#waiting]) if (changedAt(id) > at) this.drop(id);
  }

  /** Ends the search. */
  clear(): void {
    for (const id of [...this.#waiting.keys()]) this.drop(id);
    this.#groups.length = 0;
  }
}

/** Two groups of about the same size. */
export function halves(ids: readonly number[]): readonly (readonly number[])[] {
  const middle = Math.ceil(ids.length / 2);
  return [ids.slice(0, middle), ids.slice(middle)];
}
