import type { Draft, Resource } from "@rxds/core";

/**
 * Which unit brought which resources into a snapshot, so that a unit that is built again takes away what it brings no more.
 * Several units may bring the same resource: it goes with the last.
 */
export class ResourceUnits {
  readonly #units = new Map<string, readonly Resource[]>();
  readonly #holders = new Map<string, number>();

  /** Puts what a unit brings in the place of what it brought. Equal resources cost nothing. */
  set(draft: Draft, unit: string, resources: readonly Resource[]): void {
    const before = this.#units.get(unit) ?? [];
    if (resources.length > 0) this.#units.set(unit, resources);
    else this.#units.delete(unit);
    for (const resource of resources) {
      const key = keyOf(resource);
      this.#holders.set(key, (this.#holders.get(key) ?? 0) + 1);
      const there = draft.get(resource.type, resource.name);
      if (there?.version !== resource.version) draft.set(resource);
    }
    for (const resource of before) {
      const key = keyOf(resource);
      const left = this.#holders.get(key)! - 1;
      if (left > 0) this.#holders.set(key, left);
      else {
        this.#holders.delete(key);
        draft.delete(resource.type, resource.name);
      }
    }
  }

  /** What a unit brought. */
  get(unit: string): readonly Resource[] {
    return this.#units.get(unit) ?? [];
  }
}

const keyOf = ({ type, name }: Resource): string => `${type} ${name}`;
