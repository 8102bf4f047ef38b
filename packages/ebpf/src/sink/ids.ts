import { createHash } from "node:crypto";
import type { BpfMap, BpfMaps } from "../kernel/bpf-maps.js";
import { nameKey, nameText } from "../layout/layouts.js";
import { withRoom } from "./room.js";
import { Turns } from "./turns.js";

/** What has an id in the kernel that stands for a name. */
export const NAME_KINDS = { proxy: 1, service: 2, networkNamespace: 3, cgroup: 4 } as const;

/** What a name is of. */
export type NameKind = keyof typeof NAME_KINDS;

const KINDS = Object.entries(NAME_KINDS) as [NameKind, number][];
const LONGEST = nameText.size - 1;

/** An id: of a proxy or service a number that the sink gave, of a network namespace or cgroup the kernel's. */
export type Id = number | bigint;

/** The names of a sink's ids, as they are in the kernel. */
export class Names {
  readonly #byId: Readonly<Record<NameKind, Map<Id, string>>> = {
    proxy: new Map(),
    service: new Map(),
    networkNamespace: new Map(),
    cgroup: new Map(),
  };
  readonly #byName = { proxy: new Map<string, number>(), service: new Map<string, number>() };
  readonly #next = { proxy: 1, service: 1 };

  constructor(
    readonly maps: BpfMaps,
    readonly map: BpfMap,
  ) {}

  /** Takes over what is in the kernel. */
  async read(): Promise<void> {
    const { count, keys, values } = await this.maps.dump(this.map);
    const turns = new Turns();
    for (let i = 0; i < count; i++) {
      const at = i * nameKey.size;
      const kind = KINDS.find(([, number]) => number === keys.readUInt32LE(at))?.[0];
      const text = textOf(values.subarray(i * nameText.size, (i + 1) * nameText.size));
      if (kind === "proxy" || kind === "service") this.#know(kind, keys.readUInt32LE(at + 8), text);
      else if (kind !== undefined) this.#know(kind, keys.readBigUInt64LE(at + 8), text);
      if (turns.over) await turns.pause();
    }
  }

  /** The id of a proxy or service; one that has none gets the next. */
  id(kind: "proxy" | "service", name: string): number {
    const key = shorten(name);
    const known = this.#byName[kind].get(key);
    if (known !== undefined) return known;
    const id = this.#next[kind];
    this.#write(kind, id, key);
    return id;
  }

  /** Says whose network namespace or cgroup an id is. */
  tell(kind: "networkNamespace" | "cgroup", id: bigint, name: string): void {
    const text = shorten(name);
    if (this.#byId[kind].get(id) !== text) this.#write(kind, id, text);
  }

  /** The name of an id; undefined: it has none. */
  name(kind: NameKind, id: Id): string | undefined {
    return this.#byId[kind].get(id);
  }

  /** The ids of proxies or services. */
  ids(kind: "proxy" | "service"): Iterable<number> {
    return this.#byName[kind].values();
  }

  /** An id that is known already; undefined otherwise. */
  known(kind: "proxy" | "service", name: string): number | undefined {
    return this.#byName[kind].get(shorten(name));
  }

  /** Forgets a name. */
  forget(kind: NameKind, id: Id): void {
    const name = this.#byId[kind].get(id);
    if (name === undefined) return;
    this.maps.delete(this.map, nameKey.encode({ kind: NAME_KINDS[kind], id: BigInt(id) }));
    this.#byId[kind].delete(id);
    if (kind === "proxy" || kind === "service") this.#byName[kind].delete(name);
  }

  #write(kind: NameKind, id: Id, text: string): void {
    const key = nameKey.encode({ kind: NAME_KINDS[kind], id: BigInt(id) });
    withRoom(this.map, this.map.maxEntries + 1, "names of services, proxies and workloads", () =>
      this.maps.update(this.map, key, nameText.encode({ text: Buffer.from(text) })),
    );
    this.#know(kind, id, text);
  }

  #know(kind: NameKind, id: Id, name: string): void {
    this.#byId[kind].set(id, name);
    if (kind !== "proxy" && kind !== "service") return;
    this.#byName[kind].set(name, Number(id));
    this.#next[kind] = Math.max(this.#next[kind], Number(id) + 1);
  }
}

/** A name as it is kept: one that is too long for the kernel is its hash and its end, so that no two become one. */
export function shorten(name: string): string {
  // No character is more than three bytes for each of its UTF-16 units.
  if (name.length * 3 <= LONGEST) return name;
  const bytes = Buffer.from(name);
  if (bytes.length <= LONGEST) return name;
  const hash = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
  const room = LONGEST - hash.length - 3;
  return `${hash}...${bytes.toString("latin1", bytes.length - room).replace(/[^ -~]/g, "?")}`;
}

/** Text that ends with a zero byte. */
export function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString("utf8", 0, end < 0 ? bytes.length : end);
}
