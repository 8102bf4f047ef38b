import { numberKey } from "../../layout/keys.js";
import { BpfError, MAP_TYPES, type MapShape } from "../bpf-maps.js";
import type { BpfLink, BpfProgram } from "../bpf-programs.js";

/** A map of a kernel in memory, whoever has it open. */
export interface StoredMap {
  readonly id: number;
  readonly name: string;
  readonly shape: MapShape;
  /** By the bytes of their keys. */
  readonly entries: Map<string, Buffer>;
  /** Of a map of maps: what is in it, and what all of that must be like. */
  readonly inner: Map<number, StoredMap>;
  template: MapShape | undefined;
  frozen: boolean;
}

/** A link of a kernel in memory. */
export interface StoredLink {
  link: BpfLink;
}

/** What several processes of one machine share: the kernel, in memory. */
export class MemoryState {
  readonly pins = new Map<string, StoredMap | StoredLink>();
  readonly folders = new Set<string>();
  readonly locks = new Set<string>();
  readonly programs = new Map<number, BpfProgram>();
  /** By cgroup and hook. */
  readonly attached = new Map<string, number[]>();
  #ids = 0;
  /** Called before each step of what takes long: throws to stand for a process that is killed there. */
  onStep: () => void = () => {};
  /** Called after each change of a map: throws likewise. */
  onWrite: () => void = () => {};

  nextId(): number {
    this.#ids++;
    return this.#ids;
  }

  addMap(name: string, shape: MapShape): StoredMap {
    const map: StoredMap = {
      id: this.nextId(),
      name,
      shape: { ...shape },
      entries: new Map(),
      inner: new Map(),
      template: undefined,
      frozen: false,
    };
    if (shape.type === MAP_TYPES.array) {
      for (let i = 0; i < shape.maxEntries; i++) {
        map.entries.set(numberKey(i).toString("latin1"), Buffer.alloc(shape.valueSize));
      }
    }
    return map;
  }

  /** @throws BpfError EEXIST, ENOENT without its folder */
  pin(path: string, object: StoredMap | StoredLink): void {
    if (this.pins.has(path)) throw new BpfError(`pinning ${path}`, "EEXIST");
    if (!this.folders.has(path.slice(0, path.lastIndexOf("/")))) throw new BpfError(`pinning ${path}`, "ENOENT");
    this.pins.set(path, object);
  }

  /** A step of what takes long. */
  async step(): Promise<void> {
    await Promise.resolve();
    this.onStep();
  }
}
