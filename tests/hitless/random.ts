/** Draws that depend on the seed alone. */
export interface Random {
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number;
  /** One of them. @throws Error when there is none. */
  pick<T>(from: readonly T[]): T;
  /** The same in another order. */
  shuffled<T>(list: readonly T[]): T[];
}

/** The generator mulberry32: small, and good enough to choose what to change. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return {
    below,
    pick(from) {
      const [found] = from.slice(below(from.length));
      if (found === undefined) throw new Error("nothing to pick from");
      return found;
    },
    shuffled(list) {
      const rest = [...list];
      return list.flatMap(() => rest.splice(below(rest.length), 1));
    },
  };
}
