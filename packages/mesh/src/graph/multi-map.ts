/** Values by key, several for each. */
export class MultiMap<K, V> {
  readonly #sets = new Map<K, Set<V>>();

  /** The values of a key. */
  get(key: K): ReadonlySet<V> {
    return this.#sets.get(key) ?? EMPTY;
  }

  add(key: K, value: V): void {
    const set = this.#sets.get(key);
    if (set === undefined) this.#sets.set(key, new Set([value]));
    else set.add(value);
  }

  delete(key: K, value: V): void {
    const set = this.#sets.get(key);
    set?.delete(value);
    if (set?.size === 0) this.#sets.delete(key);
  }

  keys(): IterableIterator<K> {
    return this.#sets.keys();
  }
}

const EMPTY: ReadonlySet<never> = new Set();
