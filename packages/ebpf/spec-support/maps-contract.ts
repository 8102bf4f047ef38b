import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  BpfError,
  type BpfMap,
  type BpfMaps,
  type Entries,
  MAP_FLAGS,
  MAP_TYPES,
  type MapShape,
} from "../src/kernel/bpf-maps.js";
import { GENERATION } from "../src/layout/pins.js";

/** A kernel under test. */
export interface Subject {
  readonly maps: BpfMaps;
  /** As another process would have it. */
  other(): BpfMaps;
  /** A map of maps that takes generations of redirects. */
  readonly outer: BpfMap;
  /** A folder for pins. */
  readonly folder: string;
  close(): Promise<void>;
}

const hash = (maxEntries: number): MapShape => ({
  type: MAP_TYPES.hash,
  keySize: 8,
  valueSize: 4,
  maxEntries,
  flags: MAP_FLAGS.noPrealloc,
});
const key = (n: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(n));
  return bytes;
};
const value = (n: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(n);
  return bytes;
};
const entriesOf = (pairs: readonly (readonly [number, number])[]): Entries => ({
  count: pairs.length,
  keys: Buffer.concat(pairs.map(([k]) => key(k))),
  values: Buffer.concat(pairs.map(([, v]) => value(v))),
});
const pairsOf = ({ count, keys, values }: Entries) =>
  Array.from(
    { length: count },
    (_, i) => [Number(keys.readBigUInt64LE(8 * i)), values.readUInt32LE(4 * i)] as const,
  ).sort(([a], [b]) => a - b);
const errnoOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    return error instanceof BpfError ? error.errno : String(error);
  }
  return "no error";
};

/** What holds for every implementation of `BpfMaps`. */
export function describeBpfMaps(name: string, open: () => Promise<Subject>): void {
  describe(`maps of ${name}`, () => {
    let subject: Subject;
    let maps: BpfMaps;
    beforeAll(async () => {
      subject = await open();
      maps = subject.maps;
    });
    afterAll(() => subject?.close());

    test("a value is there until it is deleted", () => {
      const map = maps.create("one", hash(4));
      expect(maps.lookup(map, key(1))).toBeUndefined();
      maps.update(map, key(1), value(7));
      expect(maps.lookup(map, key(1))).toEqual(value(7));
      maps.update(map, key(1), value(8));
      expect(maps.lookup(map, key(1))).toEqual(value(8));
      expect(maps.delete(map, key(1))).toBe(true);
      expect(maps.delete(map, key(1))).toBe(false);
      expect(maps.lookup(map, key(1))).toBeUndefined();
      maps.close(map);
    });

    test("only what is new is set by a mode that says so", () => {
      const map = maps.create("new", hash(4));
      maps.update(map, key(1), value(1), "new");
      expect(errnoOf(() => maps.update(map, key(1), value(2), "new"))).toBe("EEXIST");
      expect(maps.lookup(map, key(1))).toEqual(value(1));
      maps.close(map);
    });

    test("a map that is full says so, and takes other values of keys that are there", async () => {
      const map = maps.create("full", hash(3));
      await maps.updateMany(
        map,
        entriesOf([
          [1, 1],
          [2, 2],
          [3, 3],
        ]),
      );
      expect(errnoOf(() => maps.update(map, key(4), value(4)))).toBe("E2BIG");
      await expect(
        maps.updateMany(
          map,
          entriesOf([
            [1, 9],
            [5, 5],
            [6, 6],
          ]),
        ),
      ).rejects.toMatchObject({ errno: "E2BIG" });
      expect(pairsOf(await maps.dump(map))).toEqual([
        [1, 9],
        [2, 2],
        [3, 3],
      ]);
      maps.close(map);
    });

    test("a frozen map can be read, and not written", async () => {
      const map = maps.create("frozen", hash(4));
      maps.update(map, key(1), value(1));
      maps.freeze(map);
      expect(errnoOf(() => maps.update(map, key(1), value(2)))).toBe("EPERM");
      expect(errnoOf(() => maps.delete(map, key(1)))).toBe("EPERM");
      await expect(maps.updateMany(map, entriesOf([[2, 2]]))).rejects.toMatchObject({ errno: "EPERM" });
      expect(errnoOf(() => maps.freeze(map))).toMatch(/^(EPERM|EBUSY)$/);
      expect(maps.lookup(map, key(1))).toEqual(value(1));
      maps.close(map);
    });

    test("keys and values of another size are refused before the kernel sees them", async () => {
      const map = maps.create("sizes", hash(4));
      expect(() => maps.update(map, Buffer.alloc(7), value(1))).toThrow(RangeError);
      expect(() => maps.update(map, key(1), Buffer.alloc(5))).toThrow(RangeError);
      expect(() => maps.lookup(map, Buffer.alloc(9))).toThrow(RangeError);
      await expect(maps.updateMany(map, { count: 2, keys: Buffer.alloc(8), values: Buffer.alloc(8) })).rejects.toThrow(
        RangeError,
      );
      maps.close(map);
    });

    test("a map that cannot be is refused", () => {
      expect(errnoOf(() => maps.create("bad", { ...hash(4), keySize: 0 }))).toBe("EINVAL");
      expect(errnoOf(() => maps.create("bad", { ...hash(4), maxEntries: 0 }))).toBe("EINVAL");
    });

    test("any number of entries goes in and comes out", async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 20_000 }), async (count) => {
          const map = maps.create("many", hash(20_000));
          const pairs = Array.from({ length: count }, (_, i) => [i * 7919, i] as const);
          await maps.updateMany(map, entriesOf(pairs));
          expect(pairsOf(await maps.dump(map))).toEqual(pairs);
          maps.close(map);
        }),
        { numRuns: 5 },
      );
    });

    test("changes one by one are what a Map would be", () => {
      const change = fc.tuple(fc.constantFrom("set", "new", "delete"), fc.integer({ min: 0, max: 5 }), fc.nat(1000));
      fc.assert(
        fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
          const map = maps.create("model", hash(4));
          const model = new Map<number, number>();
          for (const [kind, k, v] of changes) {
            if (kind === "delete") {
              expect(maps.delete(map, key(k))).toBe(model.delete(k));
              continue;
            }
            const expected =
              kind === "new" && model.has(k) ? "EEXIST" : !model.has(k) && model.size >= 4 ? "E2BIG" : "no error";
            expect(errnoOf(() => maps.update(map, key(k), value(v), kind === "new" ? "new" : "any"))).toBe(expected);
            if (expected === "no error") model.set(k, v);
          }
          for (let k = 0; k <= 5; k++) {
            expect(maps.lookup(map, key(k))?.readUInt32LE()).toBe(model.get(k));
          }
          maps.close(map);
        }),
        { numRuns: 40 },
      );
    });

    test("an array has all its values from the start, and none can be deleted", async () => {
      const map = maps.create("array", { type: MAP_TYPES.array, keySize: 4, valueSize: 8, maxEntries: 2, flags: 0 });
      expect(maps.lookup(map, value(1))).toEqual(Buffer.alloc(8));
      maps.update(map, value(1), key(5));
      expect((await maps.dump(map)).values).toEqual(Buffer.concat([Buffer.alloc(8), key(5)]));
      expect(errnoOf(() => maps.delete(map, value(1)))).toBe("EINVAL");
      expect(errnoOf(() => maps.update(map, value(2), key(5)))).toBe("E2BIG");
      maps.close(map);
    });

    test("values for each CPU come as one buffer, each rounded up to eight bytes", async () => {
      const shape = {
        type: MAP_TYPES.percpuHash,
        keySize: 4,
        valueSize: 12,
        maxEntries: 4,
        flags: MAP_FLAGS.noPrealloc,
      };
      const map = maps.create("percpu", shape);
      expect(map.valueBytes % 16).toBe(0);
      const all = Buffer.alloc(map.valueBytes);
      for (let at = 0; at < all.length; at += 16) all.writeUInt32LE(at + 1, at);
      maps.update(map, value(1), all);
      expect(maps.lookup(map, value(1))).toEqual(all);
      expect(await maps.dump(map)).toEqual({ count: 1, keys: value(1), values: all });
      maps.close(map);
    });

    test("what is pinned is there for other processes, and stays when it is closed", () => {
      const map = maps.create("pinned", hash(4));
      maps.update(map, key(1), value(3));
      const path = `${subject.folder}/pinned`;
      maps.pin(map, path);
      expect(errnoOf(() => maps.pin(map, path))).toBe("EEXIST");
      maps.close(map);
      const other = subject.other();
      const found = other.open(path)!;
      expect(found).toMatchObject({ ...hash(4), name: "pinned", id: map.id });
      expect(other.lookup(found, key(1))).toEqual(value(3));
      other.close(found);
      expect(maps.open(`${subject.folder}/none`)).toBeUndefined();
      expect(errnoOf(() => maps.lookup(map, key(1)))).toBe("EBADF");
    });

    test("a map of maps holds what fits, of any size, and shows it at once", async () => {
      const fits = maps.create("fits", { ...GENERATION, maxEntries: 77 });
      await maps.setInner(subject.outer, 0, fits);
      const inner = maps.inner(subject.outer, 0)!;
      expect(inner).toMatchObject({ id: fits.id, maxEntries: 77 });
      maps.update(fits, Buffer.alloc(GENERATION.keySize, 1), Buffer.alloc(GENERATION.valueSize, 2));
      expect(maps.lookup(inner, Buffer.alloc(GENERATION.keySize, 1))).toEqual(Buffer.alloc(GENERATION.valueSize, 2));
      const other = maps.create("other", { ...GENERATION, flags: 0, maxEntries: 77 });
      await expect(maps.setInner(subject.outer, 0, other)).rejects.toMatchObject({ errno: "EINVAL" });
      await expect(maps.setInner(subject.outer, 1, fits)).rejects.toBeInstanceOf(BpfError);
      expect(maps.inner(subject.outer, 0)?.id).toBe(fits.id);
      for (const map of [fits, inner, other]) maps.close(map);
    });

    test("every write is counted, and nothing else", async () => {
      const before = maps.writes;
      const map = maps.create("counted", hash(10));
      await maps.updateMany(
        map,
        entriesOf([
          [1, 1],
          [2, 2],
        ]),
      );
      maps.update(map, key(3), value(3));
      maps.delete(map, key(3));
      maps.delete(map, key(4));
      maps.lookup(map, key(1));
      await maps.dump(map);
      expect(maps.writes - before).toBe(5);
      maps.close(map);
    });
  });
}
