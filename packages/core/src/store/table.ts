import type { Resource } from "../resource/resource.js";
import { canonicalName } from "../resource/xdstp.js";
import { Groups, otherNames } from "./groups.js";

/**
 * The resources of one type in a store. Each name that exists, existed lately or is asked for has a dense id, so that
 * sets of names are sets of small integers, and what is known of a name is a column.
 */
export interface Table {
  /** The type URL. */
  readonly type: string;
  /** The number of resources that exist. */
  readonly live: number;
  /** One more than the largest id in use. */
  readonly capacity: number;
  /** The id of a name that exists, existed lately or is retained. */
  idOf(name: string): number | undefined;
  /** The name of an id in use; undefined: it is in use no more. */
  nameOf(id: number): string | undefined;
  /** The resource of an id; undefined: there is none (any more). */
  resource(id: number): Resource | undefined;
  /** The sequence number of the commit that last changed the id's resource; 0: there never was one. */
  changedAt(id: number): number;
  /** The ids of the other names that stand for a resource: its aliases, and the collection that it is in. */
  groupsOf(id: number): readonly number[];
  /**
   * The ids of the resources that a name stands for beside one of its own, and of those that it stood for lately; undefined:
   * no name of this type stands for others.
   */
  membersOf(id: number): Iterable<number> | undefined;
  /** The sequence number of the commit since which the id has had a resource without a break; 0: it has none. */
  createdAt(id: number): number;
  /** The id of a name, existing or not; it stays the name's until `release` was called as often. */
  retain(name: string): number;
  /** Like `retain`, for an id in use. */
  retainId(id: number): void;
  /** Gives back what `retain` gave. */
  release(id: number): void;
}

/** A removal that some reader may still have to hear of. */
interface Tombstone {
  readonly id: number;
  readonly seq: number;
}

/** The writable side, for the store alone. */
export class MutableTable implements Table {
  live = 0;
  readonly #ids = new Map<string, number>();
  readonly #names: (string | undefined)[] = [];
  readonly #resources: (Resource | undefined)[] = [];
  readonly #changedAt: number[] = [];
  readonly #createdAt: number[] = [];
  readonly #retained: number[] = [];
  readonly #free: number[] = [];
  readonly #groups = new Groups();
  #tombstones: Tombstone[] = [];

  constructor(readonly type: string) {}

  get capacity(): number {
    return this.#names.length;
  }

  /** How much there is to collect. */
  get tombstones(): number {
    return this.#tombstones.length + this.#groups.left;
  }

  idOf(name: string): number | undefined {
    return this.#ids.get(canonicalName(name));
  }

  nameOf(id: number): string | undefined {
    return this.#names[id];
  }

  resource(id: number): Resource | undefined {
    return this.#resources[id];
  }

  changedAt(id: number): number {
    return this.#changedAt[id]!;
  }

  createdAt(id: number): number {
    return this.#createdAt[id]!;
  }

  groupsOf(id: number): readonly number[] {
    return this.#groups.of(id);
  }

  membersOf(id: number): Iterable<number> | undefined {
    return this.#groups.any ? this.#groups.members(id) : undefined;
  }

  retain(spelling: string): number {
    const name = canonicalName(spelling);
    const id = this.#ids.get(name) ?? this.#allocate(name);
    this.#retained[id]!++;
    return id;
  }

  retainId(id: number): void {
    this.#retained[id]!++;
  }

  release(id: number): void {
    this.#retained[id]!--;
    if (this.#resources[id] === undefined && this.#changedAt[id] === 0) this.#reclaim(id);
  }

  /** Puts a resource in and returns its id. */
  put(resource: Resource, seq: number): number {
    const id = this.#ids.get(resource.name) ?? this.#allocate(resource.name);
    if (this.#resources[id] === undefined) {
      this.live++;
      this.#createdAt[id] = seq;
    }
    this.#resources[id] = resource;
    this.#changedAt[id] = seq;
    const others = otherNames(resource);
    if (others.length > 0 || this.#groups.of(id).length > 0) this.#regroup(id, others, seq);
    return id;
  }

  /** Takes a resource out and returns its id; a tombstone stays. */
  remove(name: string, seq: number): number {
    const id = this.#ids.get(canonicalName(name))!;
    this.live--;
    this.#resources[id] = undefined;
    this.#changedAt[id] = seq;
    this.#createdAt[id] = 0;
    this.#tombstones.push({ id, seq });
    return id;
  }

  /** Forgets the removals of commits up to `seq`. */
  collect(seq: number): void {
    let kept = 0;
    for (const stone of this.#tombstones) {
      // A name that came back, or was removed again later, is no longer this tombstone's.
      if (this.#resources[stone.id] !== undefined || this.#changedAt[stone.id] !== stone.seq) continue;
      if (stone.seq > seq) this.#tombstones[kept++] = stone;
      else {
        this.#changedAt[stone.id] = 0;
        for (const group of this.#groups.drop(stone.id)) this.release(group);
        this.#reclaim(stone.id);
      }
    }
    this.#tombstones.length = kept;
    for (const group of this.#groups.collect(seq)) this.release(group);
  }

  #regroup(id: number, names: readonly string[], seq: number): void {
    const groups = new Set<number>();
    for (const name of names) {
      const group = this.retain(name);
      if (group === id || groups.has(group)) this.release(group);
      else groups.add(group);
    }
    for (const group of this.#groups.set(id, [...groups], seq)) this.release(group);
  }

  #allocate(name: string): number {
    const id = this.#free.pop() ?? this.#names.length;
    this.#ids.set(name, id);
    this.#names[id] = name;
    this.#resources[id] = undefined;
    this.#changedAt[id] = 0;
    this.#createdAt[id] = 0;
    this.#retained[id] = 0;
    return id;
  }

  #reclaim(id: number): void {
    if (this.#retained[id] !== 0) return;
    this.#ids.delete(this.#names[id]!);
    this.#names[id] = undefined;
    this.#free.push(id);
  }
}
