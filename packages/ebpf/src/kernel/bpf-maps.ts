/** Kinds of maps that are used here, by their number in the kernel (`enum bpf_map_type`). */
export const MAP_TYPES = {
  hash: 1,
  array: 2,
  percpuHash: 5,
  lruHash: 9,
  arrayOfMaps: 12,
  sockHash: 18,
  skStorage: 24,
} as const;

/** Of a map, by its number in the kernel (`BPF_F_…`). */
export const MAP_FLAGS = { noPrealloc: 1, readOnlyForPrograms: 1 << 7 } as const;

/** What kind of map it is. */
export interface MapShape {
  /** One of `MAP_TYPES`. */
  readonly type: number;
  /** In bytes. */
  readonly keySize: number;
  /** In bytes. */
  readonly valueSize: number;
  /** How many entries it can hold. */
  readonly maxEntries: number;
  /** `MAP_FLAGS`, added up. */
  readonly flags: number;
}

/** A map that is open. */
export interface BpfMap extends MapShape {
  /** The kernel's number for it, while it exists. */
  readonly id: number;
  /** At most 15 characters are kept. */
  readonly name: string;
  /** How many bytes a value is on the way in and out: of a map with values for each CPU all of them, each rounded up to 8. */
  readonly valueBytes: number;
}

/** Keys and values one after the other. */
export interface Entries {
  /** How many. */
  readonly count: number;
  /** All keys. */
  readonly keys: Buffer;
  /** All values, in the order of the keys. */
  readonly values: Buffer;
}

/**
 * What a sink does with maps. Two implementations: the kernel's, and one in memory for where there is no privilege; one suite of
 * tests holds for both.
 *
 * What is not a promise takes microseconds. Errors are `BpfError`s with what the kernel says: `ENOENT`, `E2BIG` for a map that is full,
 * `EEXIST`, `EPERM` for one that is frozen, `EINVAL`.
 */
export interface BpfMaps {
  /** How many entries were written or deleted, and maps made, since the start. */
  readonly writes: number;
  /** Makes a map. It is gone when nobody has it open any more, unless it is pinned or in another. */
  create(name: string, shape: MapShape): BpfMap;
  /** A value; undefined if there is no such key. */
  lookup(map: BpfMap, key: Buffer): Buffer | undefined;
  /** Sets a value; `new`: fails if there is one (EEXIST). A lookup beside it sees the old one or the new one. */
  update(map: BpfMap, key: Buffer, value: Buffer, mode?: "any" | "new"): void;
  /** False if there was no such key. */
  delete(map: BpfMap, key: Buffer): boolean;
  /** Sets many values, in parts, beside the event loop. When it fails some of them are set. */
  updateMany(map: BpfMap, entries: Entries): Promise<void>;
  /** All entries, in no order, read beside the event loop. What changes meanwhile may be missed. */
  dump(map: BpfMap): Promise<Entries>;
  /** From now on only programs can write to it. */
  freeze(map: BpfMap): void;
  /** Puts a map into a map of maps; resolves when no program uses what was there before. */
  setInner(outer: BpfMap, index: number, inner: BpfMap): Promise<void>;
  /** Opens a map that is in a map of maps; undefined if there is none. */
  inner(outer: BpfMap, index: number): BpfMap | undefined;
  /** Makes it stay when nobody has it open any more. */
  pin(map: BpfMap, path: string): void;
  /** Opens a map that is pinned; undefined if there is none. */
  open(path: string): BpfMap | undefined;
  /** Lets go of it. */
  close(map: BpfMap): void;
}

/** A system call for BPF failed. */
export class BpfError extends Error {
  override readonly name = "BpfError";

  constructor(
    /** What was tried. */
    readonly what: string,
    /** The kernel's answer: `"EPERM"`. */
    readonly errno: string,
  ) {
    super(`${what}: ${errno}`);
  }
}

/** The empty list of entries. */
export const NO_ENTRIES: Entries = { count: 0, keys: Buffer.alloc(0), values: Buffer.alloc(0) };
