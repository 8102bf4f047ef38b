import { BpfError, type BpfMap, type BpfMaps, type Entries, MAP_TYPES, type MapShape } from "../bpf-maps.js";
import type { MemoryState, StoredMap } from "./memory-state.js";

/** The CPUs of a machine in memory. */
const CPUS = 2;
/** What a key of one process' map stands for in the memory of all. */
const open = new WeakMap<BpfMap, StoredMap>();

/** Maps in memory: for tests of what drives them, where nobody may use the kernel's. */
export class MemoryMaps implements BpfMaps {
  writes = 0;

  constructor(readonly state: MemoryState) {}

  create(name: string, shape: MapShape): BpfMap {
    if (shape.keySize === 0 || shape.maxEntries === 0) throw new BpfError(`creating a map ${name}`, "EINVAL");
    this.writes++;
    return this.#opened(this.state.addMap(name.slice(0, 15), shape));
  }

  lookup(map: BpfMap, key: Buffer): Buffer | undefined {
    checkLength(map, key, map.keySize, "a key");
    const value = stored(map).entries.get(key.toString("latin1"));
    return value === undefined ? undefined : Buffer.from(value);
  }

  update(map: BpfMap, key: Buffer, value: Buffer, mode: "any" | "new" = "any"): void {
    checkLength(map, key, map.keySize, "a key");
    checkLength(map, value, map.valueBytes, "a value");
    const what = `writing to map ${map.name}`;
    const { entries, frozen } = stored(map);
    if (frozen) throw new BpfError(what, "EPERM");
    const id = key.toString("latin1");
    if (isArray(map) && !(key.readUInt32LE() < map.maxEntries)) throw new BpfError(what, "E2BIG");
    if (mode === "new" && entries.has(id)) throw new BpfError(what, "EEXIST");
    if (!entries.has(id) && entries.size >= map.maxEntries) throw new BpfError(what, "E2BIG");
    entries.set(id, Buffer.from(value));
    this.#wrote();
  }

  delete(map: BpfMap, key: Buffer): boolean {
    checkLength(map, key, map.keySize, "a key");
    const { entries, frozen } = stored(map);
    if (frozen) throw new BpfError(`deleting from map ${map.name}`, "EPERM");
    if (isArray(map)) throw new BpfError(`deleting from map ${map.name}`, "EINVAL");
    if (!entries.delete(key.toString("latin1"))) return false;
    this.#wrote();
    return true;
  }

  async updateMany(map: BpfMap, { count, keys, values }: Entries): Promise<void> {
    checkLength(map, keys, count * map.keySize, "keys");
    checkLength(map, values, count * map.valueBytes, "values");
    for (let i = 0; i < count; i++) {
      this.update(
        map,
        keys.subarray(i * map.keySize, (i + 1) * map.keySize),
        values.subarray(i * map.valueBytes, (i + 1) * map.valueBytes),
      );
      await this.state.step();
    }
  }

  async dump(map: BpfMap): Promise<Entries> {
    await this.state.step();
    const { entries } = stored(map);
    return {
      count: entries.size,
      keys: Buffer.concat([...entries.keys()].map((key) => Buffer.from(key, "latin1"))),
      values: Buffer.concat([...entries.values()]),
    };
  }

  freeze(map: BpfMap): void {
    const of = stored(map);
    if (of.frozen) throw new BpfError(`freezing map ${map.name}`, "EPERM");
    of.frozen = true;
  }

  async setInner(outer: BpfMap, index: number, inner: BpfMap): Promise<void> {
    const what = `putting map ${inner.name} into ${outer.name}`;
    await this.state.step();
    const { template, inner: slots } = stored(outer);
    if (index >= outer.maxEntries) throw new BpfError(what, "E2BIG");
    const fits =
      template !== undefined &&
      template.type === inner.type &&
      template.keySize === inner.keySize &&
      template.valueSize === inner.valueSize &&
      template.flags === inner.flags;
    if (!fits) throw new BpfError(what, "EINVAL");
    slots.set(index, stored(inner));
    this.#wrote();
  }

  inner(outer: BpfMap, index: number): BpfMap | undefined {
    const found = stored(outer).inner.get(index);
    return found === undefined ? undefined : this.#opened(found);
  }

  pin(map: BpfMap, path: string): void {
    this.state.pin(path, stored(map));
  }

  open(path: string): BpfMap | undefined {
    const found = this.state.pins.get(path);
    if (found === undefined) return undefined;
    if (!("entries" in found)) throw new BpfError(`opening ${path}`, "EINVAL");
    return this.#opened(found);
  }

  close(map: BpfMap): void {
    open.delete(map);
  }

  #wrote(): void {
    this.writes++;
    this.state.onWrite();
  }

  #opened(of: StoredMap): BpfMap {
    const { id, name, shape } = of;
    const perCpu = shape.type === MAP_TYPES.percpuHash;
    const map = {
      id,
      name,
      ...shape,
      valueBytes: perCpu ? Math.ceil(shape.valueSize / 8) * 8 * CPUS : shape.valueSize,
    };
    open.set(map, of);
    return map;
  }
}

/** What an open map stands for. @throws BpfError EBADF */
export function stored(map: BpfMap): StoredMap {
  const found = open.get(map);
  if (found === undefined) throw new BpfError(`using map ${map.name}`, "EBADF");
  return found;
}

const isArray = ({ type }: BpfMap) => type === MAP_TYPES.array || type === MAP_TYPES.arrayOfMaps;

function checkLength(map: BpfMap, buffer: Buffer, bytes: number, what: string): void {
  if (buffer.length !== bytes) {
    throw new RangeError(`expected ${bytes} bytes for ${what} of map ${map.name}, got ${buffer.length}`);
  }
}
