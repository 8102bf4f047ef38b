import type { Table } from "@rxds/core";

/** Which ids belong to a set. */
export interface Members {
  /** About how many there are. */
  readonly size: number;
  has(id: number): boolean;
  /** Every member, and every id that left of which somebody may still have to hear. */
  each(visit: (id: number) => void): void;
  /** The sequence number at which the id entered or left; 0: it always was as it is. */
  movedAt(id: number): number;
}

/** Every name of a table. */
export function allMembers(table: Table): Members {
  return {
    get size() {
      return table.live;
    },
    has: () => true,
    each: (visit) => {
      for (let id = 0; id < table.capacity; id++) if (table.changedAt(id) > 0) visit(id);
    },
    movedAt: () => 0,
  };
}

/** A fixed list of ids, ascending, and all that the names on it stand for: aliases and collections. */
export function listedMembers(table: Table, ids: Int32Array): Members {
  const lists = (id: number) => indexOf(ids, id) >= 0;
  return {
    size: ids.length,
    has: (id) => lists(id) || table.groupsOf(id).some(lists),
    each: (visit) => {
      for (const id of ids) visit(id);
      const others = new Set<number>();
      for (const id of ids) {
        const members = table.membersOf(id);
        if (members === undefined) return;
        for (const member of members) if (!lists(member)) others.add(member);
      }
      for (const id of others) visit(id);
    },
    movedAt: () => 0,
  };
}

/** Where an id stands in an ascending list; negative when it is not there. */
export function indexOf(ids: Int32Array, id: number): number {
  let low = 0;
  let high = ids.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = ids[middle]!;
    if (found === id) return middle;
    if (found < id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** The ids that a view's scope shows of one type. Changes over time. */
export class ScopeMembers implements Members {
  readonly #since = new Map<number, number>();
  readonly #left = new Map<number, number>();

  get size(): number {
    return this.#since.size;
  }

  has(id: number): boolean {
    return this.#since.has(id);
  }

  each(visit: (id: number) => void): void {
    for (const id of this.#since.keys()) visit(id);
    for (const id of this.#left.keys()) visit(id);
  }

  movedAt(id: number): number {
    return this.#since.get(id) ?? this.#left.get(id) ?? 0;
  }

  /** The members, without those that left. */
  ids(): IterableIterator<number> {
    return this.#since.keys();
  }

  /** Whether the id is a member, or left and is still remembered. */
  knows(id: number): boolean {
    return this.#since.has(id) || this.#left.has(id);
  }

  enter(id: number, seq: number): void {
    this.#left.delete(id);
    this.#since.set(id, seq);
  }

  leave(id: number, seq: number): void {
    this.#since.delete(id);
    this.#left.set(id, seq);
  }

  /** Forgets who left up to `seq`, and returns their ids. */
  forget(seq: number): number[] {
    const gone = [...this.#left].filter(([, at]) => at <= seq).map(([id]) => id);
    for (const id of gone) this.#left.delete(id);
    return gone;
  }
}
