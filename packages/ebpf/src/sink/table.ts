import { RedirectError } from "../errors.js";
import { BpfError, type BpfMap, type BpfMaps, type Entries } from "../kernel/bpf-maps.js";
import { redirectKey, redirectTo } from "../layout/layouts.js";
import { GENERATION } from "../layout/pins.js";
import { Turns } from "./turns.js";

/** What is to change in the table: encoded keys and values as `latin1` text, which compares and hashes like the bytes. */
export interface TableChange {
  readonly upserts: ReadonlyMap<string, string>;
  readonly removals: readonly string[];
  /** How many upserts are of new keys. */
  readonly added: number;
}

/** How a table is changed. */
export interface TableOptions {
  /** As many entries as it may have. */
  readonly capacity: number;
  /** Up to so many changes are made in place; more become a new generation. 0: always, and generations are frozen. */
  readonly inPlace: number;
}

/** The table of redirects: what is in the kernel, and its like in memory. Only one change may be under way. */
export class Table {
  readonly #entries = new Map<string, string>();
  #generation: BpfMap | undefined;

  constructor(
    readonly maps: BpfMaps,
    readonly outer: BpfMap,
    readonly options: TableOptions,
  ) {}

  /** Encoded entries by encoded key. */
  get entries(): ReadonlyMap<string, string> {
    return this.#entries;
  }

  /** Takes over the generation that is in force. */
  async read(): Promise<void> {
    this.#generation = this.maps.inner(this.outer, 0);
    if (this.#generation === undefined) return;
    const { count, keys, values } = await this.maps.dump(this.#generation);
    const turns = new Turns();
    for (let i = 0; i < count; i++) {
      this.#entries.set(
        keys.toString("latin1", i * redirectKey.size, (i + 1) * redirectKey.size),
        values.toString("latin1", i * redirectTo.size, (i + 1) * redirectTo.size),
      );
      if (turns.over) await turns.pause();
    }
  }

  /**
   * Makes a change. In place it is one entry after the other, new ones first: a lookup sees each entry as it was or as it is, so that a
   * process that is killed leaves a mixture, and its successor finds what is missing. A new generation is seen whole or not at all.
   *
   * @throws RedirectError `full`: nothing is changed then
   */
  async apply(change: TableChange): Promise<"none" | "in-place" | "generation"> {
    const { upserts, removals, added } = change;
    const changes = upserts.size + removals.length;
    if (changes === 0) return "none";
    const need = this.#entries.size + added - removals.length;
    const { capacity } = this.options;
    if (need > capacity) {
      throw new RedirectError(
        "full",
        `expected at most ${capacity} redirects on this node, there are ${need}: raise the capacity`,
        { capacity, need },
      );
    }
    if (changes <= this.options.inPlace && (await this.#inPlace(change))) return "in-place";
    await this.#swap(change);
    return "generation";
  }

  close(): void {
    if (this.#generation !== undefined) this.maps.close(this.#generation);
    this.#generation = undefined;
  }

  /** False if the generation has no room for what is new. */
  async #inPlace({ upserts, removals, added }: TableChange): Promise<boolean> {
    const generation = this.#generation;
    if (generation === undefined || this.#entries.size + added > generation.maxEntries) return false;
    const turns = new Turns();
    try {
      for (const [key, value] of upserts) {
        this.maps.update(generation, Buffer.from(key, "latin1"), Buffer.from(value, "latin1"));
        this.#entries.set(key, value);
        if (turns.over) await turns.pause();
      }
      for (const key of removals) {
        this.maps.delete(generation, Buffer.from(key, "latin1"));
        this.#entries.delete(key);
        if (turns.over) await turns.pause();
      }
    } catch (error) {
      // A generation that was frozen, by this sink or another.
      if (error instanceof BpfError && error.errno === "EPERM") return false;
      throw error;
    }
    return true;
  }

  async #swap(change: TableChange): Promise<void> {
    const { upserts, removals, added } = change;
    const size = this.#entries.size + added - removals.length;
    // Room for what comes in place later.
    const maxEntries = Math.min(this.options.capacity, size + Math.ceil(size / 4) + 1024);
    const generation = this.maps.create("generation", { ...GENERATION, maxEntries });
    try {
      await this.maps.updateMany(generation, await this.#encode(change, size));
      if (this.options.inPlace === 0) this.maps.freeze(generation);
      await this.maps.setInner(this.outer, 0, generation);
    } catch (error) {
      this.maps.close(generation);
      throw error;
    }
    this.close();
    this.#generation = generation;
    const turns = new Turns();
    for (const [key, value] of upserts) {
      this.#entries.set(key, value);
      if (turns.over) await turns.pause();
    }
    for (const key of removals) {
      this.#entries.delete(key);
      if (turns.over) await turns.pause();
    }
  }

  /** All entries as they are to be, one after the other. */
  async #encode({ upserts, removals }: TableChange, count: number): Promise<Entries> {
    const keys = Buffer.allocUnsafe(count * redirectKey.size);
    const values = Buffer.allocUnsafe(count * redirectTo.size);
    const gone = new Set(removals);
    const turns = new Turns();
    let i = 0;
    const add = (key: string, value: string) => {
      keys.write(key, i * redirectKey.size, "latin1");
      values.write(value, i * redirectTo.size, "latin1");
      i++;
    };
    for (const [key, value] of this.#entries) {
      if (!upserts.has(key) && !gone.has(key)) add(key, value);
      if (turns.over) await turns.pause();
    }
    for (const [key, value] of upserts) {
      add(key, value);
      if (turns.over) await turns.pause();
    }
    return { count, keys, values };
  }
}
