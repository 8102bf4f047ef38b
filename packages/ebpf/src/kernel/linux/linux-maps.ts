import { numberKey } from "../../layout/keys.js";
import {
  BpfError,
  type BpfMap,
  type BpfMaps,
  type Entries,
  MAP_TYPES,
  type MapShape,
  NO_ENTRIES,
} from "../bpf-maps.js";
import { possibleCpus } from "./cpus.js";
import { byId, closed, descriptor, infoOf, opened, pinAt, pinnedAt, textAt } from "./objects.js";
import { attribute, BPF, bpf, bpfBeside, pointer, tryBpf } from "./syscall.js";

/** How many entries go in one call: some milliseconds on another thread. */
const BATCH = 8192;
const NEW_ONLY = 1n;

/** Maps of this machine's kernel, by bpf(2). */
export class LinuxMaps implements BpfMaps {
  writes = 0;

  create(name: string, { type, keySize, valueSize, maxEntries, flags }: MapShape): BpfMap {
    const attr = attribute();
    for (const [i, n] of [type, keySize, valueSize, maxEntries, flags].entries()) attr.writeUInt32LE(n, 4 * i);
    attr.write(name.slice(0, 15), 28, "latin1");
    const fd = bpf(BPF.mapCreate, attr, `creating a map ${name} of ${maxEntries} entries`);
    this.writes++;
    return mapOf(fd);
  }

  lookup(map: BpfMap, key: Buffer): Buffer | undefined {
    const value = Buffer.alloc(map.valueBytes);
    const result = tryBpf(BPF.mapLookup, element(map, key, value));
    if (typeof result === "number") return value;
    if (result === "ENOENT") return undefined;
    throw new BpfError(`reading map ${map.name}`, result);
  }

  update(map: BpfMap, key: Buffer, value: Buffer, mode: "any" | "new" = "any"): void {
    const attr = element(map, key, value);
    if (mode === "new") attr.writeBigUInt64LE(NEW_ONLY, 24);
    bpf(BPF.mapUpdate, attr, `writing to map ${map.name}`);
    this.writes++;
  }

  delete(map: BpfMap, key: Buffer): boolean {
    const result = tryBpf(BPF.mapDelete, element(map, key));
    if (result === "ENOENT") return false;
    if (typeof result === "string") throw new BpfError(`deleting from map ${map.name}`, result);
    this.writes++;
    return true;
  }

  async updateMany(map: BpfMap, { count, keys, values }: Entries): Promise<void> {
    checkLength(map, keys, count * map.keySize, "keys");
    checkLength(map, values, count * map.valueBytes, "values");
    for (let done = 0; done < count; ) {
      const part = Math.min(BATCH, count - done);
      const key = keys.subarray(done * map.keySize, (done + part) * map.keySize);
      const value = values.subarray(done * map.valueBytes, (done + part) * map.valueBytes);
      const attr = attribute();
      attr.writeBigUInt64LE(pointer(key), 16);
      attr.writeBigUInt64LE(pointer(value), 24);
      attr.writeUInt32LE(part, 32);
      attr.writeUInt32LE(descriptor(map, `writing to map ${map.name}`), 36);
      const ok = await bpfBeside(BPF.mapUpdateBatch, attr, key, value);
      // A call that fails before its first entry leaves the number as it was given.
      const told = attr.readUInt32LE(32);
      const written = ok || told < part ? told : 0;
      this.writes += written;
      done += written;
      if (ok) continue;
      // The first that is not written tells why.
      this.update(
        map,
        keys.subarray(done * map.keySize, (done + 1) * map.keySize),
        values.subarray(done * map.valueBytes, (done + 1) * map.valueBytes),
      );
      done++;
    }
  }

  async dump(map: BpfMap): Promise<Entries> {
    if (map.type === MAP_TYPES.array || map.type === MAP_TYPES.arrayOfMaps) return this.#dumpArray(map);
    const parts: Entries[] = [];
    let position: Buffer | undefined;
    for (;;) {
      // A bucket of the kernel's table is read whole or not at all.
      const room = BATCH;
      const keys = Buffer.alloc(room * map.keySize);
      const values = Buffer.alloc(room * map.valueBytes);
      const next = Buffer.alloc(Math.max(map.keySize, 8));
      const attr = attribute();
      if (position !== undefined) attr.writeBigUInt64LE(pointer(position), 0);
      attr.writeBigUInt64LE(pointer(next), 8);
      attr.writeBigUInt64LE(pointer(keys), 16);
      attr.writeBigUInt64LE(pointer(values), 24);
      attr.writeUInt32LE(room, 32);
      attr.writeUInt32LE(descriptor(map, `reading map ${map.name}`), 36);
      const ok = await bpfBeside(BPF.mapLookupBatch, attr, keys, values, next, position ?? next);
      let last = !ok;
      if (!ok && (attr.readUInt32LE(32) === 0 || attr.readUInt32LE(32) === room)) {
        // The end, or an error: asked again here, it tells which.
        attr.writeUInt32LE(room, 32);
        const result = tryBpf(BPF.mapLookupBatch, attr);
        if (typeof result === "string" && result !== "ENOENT") throw new BpfError(`reading map ${map.name}`, result);
        last = result === "ENOENT";
      }
      const count = attr.readUInt32LE(32);
      parts.push({
        count,
        keys: keys.subarray(0, count * map.keySize),
        values: values.subarray(0, count * map.valueBytes),
      });
      if (last) break;
      position = next;
    }
    return join(parts);
  }

  freeze(map: BpfMap): void {
    const attr = attribute();
    attr.writeUInt32LE(descriptor(map, `freezing map ${map.name}`), 0);
    bpf(BPF.mapFreeze, attr, `freezing map ${map.name}`);
  }

  async setInner(outer: BpfMap, index: number, inner: BpfMap): Promise<void> {
    const what = `putting map ${inner.name} into ${outer.name}`;
    const value = numberKey(descriptor(inner, what));
    const key = numberKey(index);
    const attr = element(outer, key, value);
    // Waits until no program uses what was there: some 10 ms. What fails fails again, and tells why.
    if (!(await bpfBeside(BPF.mapUpdate, attr, key, value))) bpf(BPF.mapUpdate, attr, what);
    this.writes++;
  }

  inner(outer: BpfMap, index: number): BpfMap | undefined {
    const id = this.lookup(outer, numberKey(index))?.readUInt32LE();
    const fd = id === undefined ? undefined : byId(BPF.mapFdById, id);
    return fd === undefined ? undefined : mapOf(fd);
  }

  pin(map: BpfMap, path: string): void {
    pinAt(descriptor(map, `pinning ${path}`), path);
  }

  open(path: string): BpfMap | undefined {
    const fd = pinnedAt(path);
    return fd === undefined ? undefined : mapOf(fd);
  }

  close(map: BpfMap): void {
    closed(map);
  }

  #dumpArray(map: BpfMap): Entries {
    const parts: Entries[] = [];
    for (let i = 0; i < map.maxEntries; i++) {
      const keys = numberKey(i);
      const values = this.lookup(map, keys);
      if (values !== undefined) parts.push({ count: 1, keys, values });
    }
    return join(parts);
  }
}

/** What the kernel tells of a map that is open. @throws BpfError EINVAL if it is none */
export function mapOf(fd: number): BpfMap {
  const info = infoOf(fd, Buffer.alloc(80), "asking for a map");
  const [type = 0, id = 0, keySize = 0, valueSize = 0, maxEntries = 0, flags = 0] = Array.from({ length: 6 }, (_, i) =>
    info.readUInt32LE(4 * i),
  );
  const perCpu = type === MAP_TYPES.percpuHash;
  return opened(
    {
      id,
      name: textAt(info, 24, 16),
      type,
      keySize,
      valueSize,
      maxEntries,
      flags,
      valueBytes: perCpu ? Math.ceil(valueSize / 8) * 8 * possibleCpus() : valueSize,
    },
    fd,
  );
}

function element(map: BpfMap, key: Buffer, value?: Buffer): Buffer {
  checkLength(map, key, map.keySize, "a key");
  const attr = attribute();
  attr.writeUInt32LE(descriptor(map, `using map ${map.name}`), 0);
  attr.writeBigUInt64LE(pointer(key), 8);
  if (value !== undefined) {
    checkLength(map, value, map.valueBytes, "a value");
    attr.writeBigUInt64LE(pointer(value), 16);
  }
  return attr;
}

/** The kernel reads and writes as much as the map says: a shorter buffer would be memory of others. */
function checkLength(map: BpfMap, buffer: Buffer, bytes: number, what: string): void {
  if (buffer.length !== bytes) {
    throw new RangeError(`expected ${bytes} bytes for ${what} of map ${map.name}, got ${buffer.length}`);
  }
}

function join(parts: readonly Entries[]): Entries {
  const [only] = parts;
  if (only === undefined) return NO_ENTRIES;
  if (parts.length === 1) return only;
  return {
    count: parts.reduce((sum, { count }) => sum + count, 0),
    keys: Buffer.concat(parts.map(({ keys }) => keys)),
    values: Buffer.concat(parts.map(({ values }) => values)),
  };
}
