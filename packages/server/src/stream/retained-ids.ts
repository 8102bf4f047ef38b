import type { Table } from "@rxds/core";

/** A set of ids that stay the names' as long as they are in it. */
export class RetainedIds implements Iterable<number> {
  readonly #ids = new Set<number>();

  constructor(readonly table: Table) {}

  get size(): number {
    return this.#ids.size;
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }

  add(id: number): void {
    if (this.#ids.has(id)) return;
    this.#ids.add(id);
    this.table.retainId(id);
  }

  delete(id: number): void {
    if (this.#ids.delete(id)) this.table.release(id);
  }

  clear(): void {
    for (const id of this.#ids) this.table.release(id);
    this.#ids.clear();
  }

  [Symbol.iterator](): IterableIterator<number> {
    return this.#ids.values();
  }
}

/** Those ids, in place of the ones before; undefined: none. */
export function replaced(
  table: Table,
  before: RetainedIds | undefined,
  ids: readonly number[],
): RetainedIds | undefined {
  const after = ids.length === 0 ? undefined : new RetainedIds(table);
  for (const id of ids) after?.add(id);
  before?.clear();
  return after;
}
