import { costs } from "./costs.js";

/** What a {@link NameMap} holds: values that know their own key. */
export interface Named {
  readonly name: string;
}

/** Marks the nodes that one edit made itself, and may therefore change in place. */
export type Owner = object;

/**
 * A persistent map from `name` to value: a hash trie with 32 branches a level. A change copies the nodes on the path to
 * the changed name (about 100 slots at 100,000 names) and shares all others with the map it came from.
 */
export interface NameMap<V extends Named> {
  readonly size: number;
  readonly root: Branch<V>;
}

/** An inner node: slot i belongs to the i-th set bit of `bitmap`. */
export class Branch<V extends Named> {
  constructor(
    readonly owner: Owner | undefined,
    public bitmap: number,
    readonly slots: Slot<V>[],
  ) {}
}

/** Values whose names have the same 32-bit hash. */
class Collision<V extends Named> {
  constructor(readonly values: readonly V[]) {}
}

type Slot<V extends Named> = Branch<V> | Collision<V> | V;

const BITS = 5;
const MASK = 31;
/** Below this depth a hash has no bits left, and equal hashes share a {@link Collision}. */
const MAX_SHIFT = 35;

/** FNV-1a with a final mix: stable across processes, so that iteration order is too. */
export function hashName(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

/** The number of set bits. */
function popcount(x: number): number {
  x -= (x >>> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

const bitAt = (hash: number, shift: number): number => 1 << ((hash >>> shift) & MASK);
const indexOf = (bitmap: number, bit: number): number => popcount(bitmap & (bit - 1));

/** The map with nothing in it. */
export function emptyNameMap<V extends Named>(): NameMap<V> {
  return { size: 0, root: new Branch<V>(undefined, 0, []) };
}

/** The value with that name. */
export function getName<V extends Named>(map: NameMap<V>, name: string): V | undefined {
  return find(map.root, hashName(name), 0, name);
}

function find<V extends Named>(from: Slot<V>, hash: number, shift: number, name: string): V | undefined {
  let slot: Slot<V> = from;
  for (; slot instanceof Branch; shift += BITS) {
    const bit = bitAt(hash, shift);
    if ((slot.bitmap & bit) === 0) return undefined;
    slot = slot.slots[indexOf(slot.bitmap, bit)]!;
  }
  if (slot instanceof Collision) return slot.values.find((value) => value.name === name);
  return slot.name === name ? slot : undefined;
}

/** The map with `value` in it, replacing what had its name. Nodes of the same `owner` are changed in place. */
export function setName<V extends Named>(map: NameMap<V>, value: V, owner: Owner): NameMap<V> {
  const before = getName(map, value.name);
  if (before === value) return map;
  const root = put(map.root, value, hashName(value.name), 0, owner);
  return { size: map.size + (before === undefined ? 1 : 0), root };
}

function put<V extends Named>(node: Branch<V>, value: V, hash: number, shift: number, owner: Owner): Branch<V> {
  const bit = bitAt(hash, shift);
  const index = indexOf(node.bitmap, bit);
  const own = editable(node, owner);
  if ((node.bitmap & bit) === 0) {
    own.bitmap |= bit;
    own.slots.splice(index, 0, value);
    return own;
  }
  const old = own.slots[index]!;
  own.slots[index] =
    old instanceof Branch ? put(old, value, hash, shift + BITS, owner) : join(old, value, hash, shift + BITS, owner);
  return own;
}

/** Puts a value where another, or a collision, already is. */
function join<V extends Named>(old: Collision<V> | V, value: V, hash: number, shift: number, owner: Owner): Slot<V> {
  const values = old instanceof Collision ? old.values : [old];
  const oldHash = hashName(values[0]!.name);
  if (oldHash === hash) {
    const others = values.filter((other) => other.name !== value.name);
    return others.length === 0 ? value : new Collision([...others, value]);
  }
  if (shift >= MAX_SHIFT) throw new Error("unreachable: different hashes below the last level");
  return put(new Branch<V>(owner, bitAt(oldHash, shift), [old]), value, hash, shift, owner);
}

function editable<V extends Named>(node: Branch<V>, owner: Owner): Branch<V> {
  if (node.owner === owner) return node;
  costs.copied += node.slots.length;
  return new Branch(owner, node.bitmap, node.slots.slice());
}

/** The map without that name; the same map when it was not there. */
export function deleteName<V extends Named>(map: NameMap<V>, name: string, owner: Owner): NameMap<V> {
  if (getName(map, name) === undefined) return map;
  const root = cut(map.root, name, hashName(name), 0, owner);
  return {
    size: map.size - 1,
    root: root instanceof Branch ? root : new Branch(owner, rootBit(root), root ? [root] : []),
  };
}

function rootBit<V extends Named>(slot: Collision<V> | V | undefined): number {
  if (slot === undefined) return 0;
  return bitAt(hashName(slot instanceof Collision ? slot.values[0]!.name : slot.name), 0);
}

/** Removes a name that is there; a branch left with one value gives way to it, so that equal maps have equal shapes. */
function cut<V extends Named>(
  node: Branch<V>,
  name: string,
  hash: number,
  shift: number,
  owner: Owner,
): Slot<V> | undefined {
  const bit = bitAt(hash, shift);
  const index = indexOf(node.bitmap, bit);
  const old = node.slots[index]!;
  const left = old instanceof Branch ? cut(old, name, hash, shift + BITS, owner) : without(old, name);
  const own = editable(node, owner);
  if (left !== undefined) {
    own.slots[index] = left;
    return own.slots.length === 1 && !(left instanceof Branch) ? left : own;
  }
  own.slots.splice(index, 1);
  own.bitmap &= ~bit;
  if (own.slots.length === 0) return undefined;
  const last = own.slots[0]!;
  return own.slots.length === 1 && !(last instanceof Branch) ? last : own;
}

function without<V extends Named>(slot: Collision<V> | V, name: string): Slot<V> | undefined {
  if (!(slot instanceof Collision)) return undefined;
  const left = slot.values.filter((value) => value.name !== name);
  return left.length === 1 ? left[0] : new Collision(left);
}

/** All values, in an order that depends on the names alone. */
export function* valuesOf<V extends Named>(from: Slot<V>): Generator<V, void, undefined> {
  if (from instanceof Branch) for (const slot of from.slots) yield* valuesOf(slot);
  else if (from instanceof Collision) yield* from.values;
  else yield from;
}

/** What a diff reports. */
export interface NameMapVisitor<V extends Named> {
  /** A name that `b` has and `a` has not (`before` absent), or has with another value. */
  changed(after: V, before: V | undefined): void;
  /** A name that only `a` has. */
  removed(before: V): void;
}

/** Reports the differences between two maps. Parts that both share are not entered. */
export function diffNames<V extends Named>(
  a: NameMap<V>,
  b: NameMap<V>,
  equal: (x: V, y: V) => boolean,
  visitor: NameMapVisitor<V>,
): void {
  diffSlots(a.root, b.root, 0, equal, visitor);
}

function diffSlots<V extends Named>(
  a: Slot<V>,
  b: Slot<V>,
  shift: number,
  equal: (x: V, y: V) => boolean,
  visitor: NameMapVisitor<V>,
): void {
  if (a === b) return;
  if (a instanceof Branch && b instanceof Branch) {
    for (let rest = a.bitmap | b.bitmap; rest !== 0; rest &= rest - 1) {
      costs.visited++;
      const bit = rest & -rest;
      const x = (a.bitmap & bit) === 0 ? undefined : a.slots[indexOf(a.bitmap, bit)]!;
      const y = (b.bitmap & bit) === 0 ? undefined : b.slots[indexOf(b.bitmap, bit)]!;
      if (x === undefined) for (const value of counted(y!)) visitor.changed(value, undefined);
      else if (y === undefined) for (const value of counted(x)) visitor.removed(value);
      else diffSlots(x, y, shift + BITS, equal, visitor);
    }
    return;
  }
  for (const value of counted(b)) {
    const before = find(a, hashName(value.name), shift, value.name);
    if (before === undefined || !equal(before, value)) visitor.changed(value, before);
  }
  for (const value of counted(a)) {
    if (find(b, hashName(value.name), shift, value.name) === undefined) visitor.removed(value);
  }
}

function* counted<V extends Named>(slot: Slot<V>): Generator<V, void, undefined> {
  for (const value of valuesOf(slot)) {
    costs.visited++;
    yield value;
  }
}
