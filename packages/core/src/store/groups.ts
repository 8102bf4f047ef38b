import type { Resource } from "../resource/resource.js";
import { collectionOf } from "../resource/xdstp.js";

const NONE: readonly never[] = [];

/** The names beside its own by which a resource can be asked for: its aliases, and the collection that it is in. */
export function otherNames({ name, aliases }: Resource): readonly string[] {
  const collection = collectionOf(name);
  if (collection === undefined) return aliases ?? NONE;
  return aliases === undefined ? [collection] : [...aliases, collection];
}

/**
 * Names that stand for resources of other names: an alias for the resource that has it, a collection for all that are in
 * it. Resources without other names cost nothing here.
 */
export class Groups {
  readonly #of = new Map<number, readonly number[]>();
  readonly #members = new Map<number, Set<number>>();
  #left: { readonly id: number; readonly group: number; readonly seq: number }[] = [];

  /** The names that stand for a resource, as ids. */
  of(id: number): readonly number[] {
    return this.#of.get(id) ?? NONE;
  }

  /** The resources that a name stands for, and those that it stood for of which somebody may still have to hear. */
  members(group: number): Iterable<number> {
    return this.#members.get(group) ?? NONE;
  }

  /** Whether there are any. */
  get any(): boolean {
    return this.#members.size > 0;
  }

  /** How many resources have left a group of which somebody may still have to hear. */
  get left(): number {
    return this.#left.length;
  }

  /** A resource has other names now. The caller has retained each. Returns those that are to be released. */
  set(id: number, groups: readonly number[], seq: number): readonly number[] {
    const before = this.of(id);
    const stayed = groups.filter((group) => before.includes(group));
    for (const group of before) if (!groups.includes(group)) this.#left.push({ id, group, seq });
    for (const group of groups) {
      const members = this.#members.get(group);
      if (members === undefined) this.#members.set(group, new Set([id]));
      else members.add(id);
    }
    if (groups.length > 0) this.#of.set(id, groups);
    else this.#of.delete(id);
    return stayed;
  }

  /** Forgets a resource that is gone for everybody. Returns the names that are to be released. */
  drop(id: number): readonly number[] {
    const groups = this.of(id);
    this.#of.delete(id);
    for (const group of groups) this.#leave(id, group);
    return groups;
  }

  /** Forgets who left a group up to `seq`. Returns the names that are to be released. */
  collect(seq: number): readonly number[] {
    const gone = this.#left.filter((one) => one.seq <= seq);
    if (gone.length === 0) return NONE;
    this.#left = this.#left.filter((one) => one.seq > seq);
    for (const { id, group } of gone) if (!this.of(id).includes(group)) this.#leave(id, group);
    return gone.map(({ group }) => group);
  }

  #leave(id: number, group: number): void {
    const members = this.#members.get(group);
    members?.delete(id);
    if (members?.size === 0) this.#members.delete(group);
  }
}
