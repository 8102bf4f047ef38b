/** Keeps sets apart by chance only one in 2^64 times, and differently in each process: nobody can make two that are not. */
const SEED_A = (Math.random() * 0x100000000) | 1;
const SEED_B = (Math.random() * 0x100000000) | 1;

/** A multiset hash of ids: does not depend on an order, and is kept up by adding and taking away. */
export class IdHash {
  #count = 0;
  #a = 0;
  #b = 0;

  add(id: number): void {
    this.#change(id, 1);
  }

  delete(id: number): void {
    this.#change(id, -1);
  }

  toString(): string {
    return `${this.#count}:${this.#a}:${this.#b}`;
  }

  #change(id: number, by: 1 | -1): void {
    this.#count += by;
    let h = Math.imul(id ^ SEED_A, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    this.#a = (this.#a + by * (h ^ (h >>> 16))) | 0;
    h = Math.imul(id ^ SEED_B, 0x27d4eb2f);
    h = Math.imul(h ^ (h >>> 15), 0x165667b1);
    this.#b = (this.#b + by * (h ^ (h >>> 13))) | 0;
  }
}

/** The hash of ids of which each occurs once. */
export function hashIds(ids: Int32Array): string {
  const hash = new IdHash();
  for (const id of ids) hash.add(id);
  return hash.toString();
}
