import type { BpfMap, BpfMaps } from "../kernel/bpf-maps.js";
import { nameKey, nameText } from "../layout/layouts.js";

/** What has an id in the kernel that stands for a name. */
export const NAME_KINDS = { proxy: 1, service: 2, networkNamespace: 3, cgroup: 4 } as const;

/** What a name is of. */
export type NameKind = keyof typeof NAME_KINDS;

const KINDS = Object.entries(NAME_KINDS) as [NameKind, number][];
const LONGEST = nameText.size - 1;

/** The names of a sink's ids, as they are in the kernel. */
export class Names {
  readonly #byId = { proxy: new Map(), service: new Map(), networkNamespace: new Map(), cgroup: new Map() } as Record<
    NameKind,
    Map<bigint, string>
  >;
  readonly #byName = { proxy: new Map<string, number>(), service: new Map<string, number>() };
  readonly #next = { proxy: 1, service: 1 };

  constructor(
    readonly maps: BpfMaps,
    readonly map: BpfMap,
  ) {}

  /** Takes over what is in the kernel. */
  async read(): Promise<void> {
    const { count, keys, values } = await this.maps.dump(this.map);
    for (let i = 0; i < count; i++) {
      const { kind, id } = nameKey.decode(keys, i * nameKey.size);
      const name = KINDS.find(([, number]) => number === kind)?.[0];
      if (name !== undefined) this.#know(name, id, textOf(values.subarray(i * nameText.size, (i + 1) * nameText.size)));
    }
  }

  /** The id of a proxy or service; one that has none gets the next. */
  id(kind: "proxy" | "service", name: string): number {
    const key = shorten(name);
    const known = this.#byName[kind].get(key);
    if (known !== undefined) return known;
    const id = this.#next[kind];
    this.#write(kind, BigInt(id), key);
    return id;
  }

  /** Says whose network namespace or cgroup an id is. */
  tell(kind: "networkNamespace" | "cgroup", id: bigint, name: string): void {
    const text = shorten(name);
    if (this.#byId[kind].get(id) !== text) this.#write(kind, id, text);
  }

  /** The name of an id; undefined: it has none. */
  name(kind: NameKind, id: bigint | number): string | undefined {
    return this.#byId[kind].get(BigInt(id));
  }

  /** The ids that have names. */
  ids(kind: NameKind): Iterable<bigint> {
    return this.#byId[kind].keys();
  }

  /** An id that is known already; undefined otherwise. */
  known(kind: "proxy" | "service", name: string): number | undefined {
    return this.#byName[kind].get(shorten(name));
  }

  /** Forgets a name. */
  forget(kind: NameKind, id: bigint): void {
    const name = this.#byId[kind].get(id);
    if (name === undefined) return;
    this.maps.delete(this.map, nameKey.encode({ kind: NAME_KINDS[kind], id }));
    this.#byId[kind].delete(id);
    if (kind === "proxy" || kind === "service") this.#byName[kind].delete(name);
  }

  #write(kind: NameKind, id: bigint, text: string): void {
    const key = nameKey.encode({ kind: NAME_KINDS[kind], id });
    this.maps.update(this.map, key, nameText.encode({ text: Buffer.from(text) }));
    this.#know(kind, id, text);
  }

  #know(kind: NameKind, id: bigint, name: string): void {
    this.#byId[kind].set(id, name);
    if (kind !== "proxy" && kind !== "service") return;
    this.#byName[kind].set(name, Number(id));
    this.#next[kind] = Math.max(this.#next[kind], Number(id) + 1);
  }
}

/** Names that are too long for the kernel keep their end, which tells them apart from others of a namespace. */
function shorten(name: string): string {
  const bytes = Buffer.from(name);
  return bytes.length <= LONGEST ? name : bytes.subarray(bytes.length - LONGEST).toString("utf8");
}

/** Text that ends with a zero byte. */
export function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString("utf8", 0, end < 0 ? bytes.length : end);
}
