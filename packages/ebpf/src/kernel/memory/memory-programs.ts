import { ACCELERATION, GENERATION, HOOKS, MAPS, type MapName, PROXY_HOOK } from "../../layout/pins.js";
import { BpfError, type BpfMap } from "../bpf-maps.js";
import type { BpfLink, BpfObject, BpfProgram, BpfPrograms, LoadedObject } from "../bpf-programs.js";
import { type MemoryMaps, stored } from "./memory-maps.js";
import type { MemoryState, StoredLink } from "./memory-state.js";

const links = new WeakMap<BpfLink, StoredLink>();

/** Programs that do nothing: what is attached, pinned and replaced is kept as the kernel keeps it. */
export class MemoryPrograms implements BpfPrograms {
  constructor(
    readonly state: MemoryState,
    readonly maps: MemoryMaps,
  ) {}

  async load(
    object: BpfObject,
    maps: ReadonlyMap<string, BpfMap>,
    sizes: Readonly<Record<string, number>>,
  ): Promise<LoadedObject> {
    await this.state.step();
    const all = new Map(maps);
    for (const name of Object.keys(MAPS) as MapName[]) {
      if (all.has(name)) continue;
      const map = this.maps.create(name, {
        ...MAPS[name],
        maxEntries: sizes[name] ?? (MAPS[name].keySize === 4 ? 1 : 65536),
      });
      if (name === "redirects") await this.#addGenerations(map);
      all.set(name, map);
    }
    const names = [...HOOKS, PROXY_HOOK].map(({ program }) => program);
    const ids = [...all.values()].map(({ id }) => id);
    const programs = new Map(
      [...names, ACCELERATION].map((name) => {
        const tag = Buffer.from(object.hash).toString("hex", 0, 8);
        const program: BpfProgram = { id: this.state.nextId(), name, tag, maps: ids };
        this.state.programs.set(program.id, program);
        return [name, program];
      }),
    );
    return { programs, maps: all };
  }

  unload(programs: ReadonlyMap<string, BpfProgram>): void {
    const used = new Set([...this.state.attached.values()].flat());
    for (const { id } of programs.values()) if (!used.has(id)) this.state.programs.delete(id);
  }

  attach(program: BpfProgram, cgroup: string, attachType: number): BpfLink {
    const key = `${cgroup} ${attachType}`;
    this.state.attached.set(key, [...(this.state.attached.get(key) ?? []), program.id]);
    const link: BpfLink = { id: this.state.nextId(), program: program.id, cgroup: idOf(cgroup), attachType };
    links.set(link, { link });
    return link;
  }

  update(link: BpfLink, program: BpfProgram): BpfLink {
    const of = links.get(link);
    if (of === undefined) throw new BpfError(`updating the link of ${program.name}`, "EBADF");
    for (const ids of this.state.attached.values()) {
      const at = ids.indexOf(link.program);
      if (at >= 0) ids[at] = program.id;
    }
    of.link = { ...link, program: program.id };
    links.set(of.link, of);
    return of.link;
  }

  pinLink(link: BpfLink, path: string): void {
    const of = links.get(link);
    if (of === undefined) throw new BpfError(`pinning ${path}`, "EBADF");
    this.state.pin(path, of);
  }

  openLink(path: string): BpfLink | undefined {
    const found = this.state.pins.get(path);
    if (found === undefined) return undefined;
    if (!("link" in found)) throw new BpfError(`opening ${path}`, "EINVAL");
    const link = { ...found.link };
    links.set(link, found);
    return link;
  }

  detach(link: BpfLink): void {
    for (const [key, ids] of this.state.attached) {
      this.state.attached.set(
        key,
        ids.filter((id) => id !== link.program),
      );
    }
  }

  closeLink(link: BpfLink): void {
    links.delete(link);
  }

  program(id: number): BpfProgram | undefined {
    return this.state.programs.get(id);
  }

  attached(cgroup: string, attachType: number): readonly BpfProgram[] {
    const ids = this.state.attached.get(`${cgroup} ${attachType}`) ?? [];
    return ids.map((id) => this.program(id)).filter((program) => program !== undefined);
  }

  attachToSockets(program: BpfProgram, sockets: BpfMap): void {
    this.state.attached.set(`map ${stored(sockets).id}`, [program.id]);
  }

  detachFromSockets(_program: BpfProgram, sockets: BpfMap): boolean {
    return this.state.attached.delete(`map ${stored(sockets).id}`);
  }

  async #addGenerations(outer: BpfMap): Promise<void> {
    stored(outer).template = { ...GENERATION, maxEntries: 1 };
    await this.maps.setInner(outer, 0, this.maps.create("no_redirects", { ...GENERATION, maxEntries: 1 }));
  }
}

/** A number for a cgroup. */
export function idOf(cgroup: string): bigint {
  let id = 7n;
  for (const char of cgroup) id = (id * 31n + BigInt(char.codePointAt(0) ?? 0)) & 0xffff_ffffn;
  return id;
}
