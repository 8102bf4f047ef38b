/**
 * What changed in a set, in the order of the changes: two columns, sequence number and id. Bounded: when it has grown to
 * twice its keep, the older half is dropped, and a reader from before then has to look at the whole set.
 */
export class ChangeLog {
  readonly #seqs: number[] = [];
  readonly #ids: number[] = [];

  constructor(
    /** Changes up to here are not in the log. */
    public floor: number,
  ) {}

  /** Appends a change. `keep`: how many entries are worth keeping, about the size of the set. */
  push(seq: number, id: number, keep: number): void {
    this.#seqs.push(seq);
    this.#ids.push(id);
    const most = Math.max(64, keep);
    if (this.#seqs.length <= 2 * most) return;
    const drop = this.#seqs.length - most;
    this.floor = this.#seqs[drop - 1]!;
    this.#seqs.splice(0, drop);
    this.#ids.splice(0, drop);
  }

  /** The ids that changed after `cursor`, each once, ascending; undefined when the log does not reach that far back. */
  since(cursor: number): number[] | undefined {
    if (cursor < this.floor) return undefined;
    let from = this.#seqs.length;
    while (from > 0 && this.#seqs[from - 1]! > cursor) from--;
    if (from === this.#seqs.length - 1) return [this.#ids[from]!];
    return [...new Set(this.#ids.slice(from))].sort((a, b) => a - b);
  }
}
