import { type Resource, typeUrls } from "@rxds/core";
import { costs } from "../fanout/costs.js";

/** A reference that has ended. */
export interface Former {
  /** Who named the cluster. */
  readonly id: number;
  /** The commit since which it does not. */
  readonly seq: number;
  /** How long a request may still come back by a retry, in ms. */
  readonly retryMs: number;
}

/**
 * Which clusters the resources of a type have named and name no more, and since which commit: whoever holds an older version
 * may still send traffic there. Costs what changed; nothing for what never changed.
 */
export class FormerReferences {
  readonly #ended = new Map<string, Map<number, Former>>();
  /** References that go on, and were such that a request came back later; by cluster. */
  readonly #longer = new Map<string, Map<number, Former>>();
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** A resource has changed, come or gone. */
  changed(seq: number, id: number, before: Resource | undefined, after: Resource | undefined): void {
    const [then, now] = [clustersOf(before), clustersOf(after)];
    for (const [name, retryMs] of then) {
      const longer = Math.max(retryMs, this.#take(this.#longer, name, id)?.retryMs ?? 0);
      const kept = now.get(name);
      if (kept === undefined) this.#put(this.#ended, name, { id, seq, retryMs: longer });
      else if (longer > kept) this.#put(this.#longer, name, { id, seq, retryMs: longer });
    }
    for (const [name, retryMs] of now) {
      const former = this.#take(this.#ended, name, id);
      if (former !== undefined && former.retryMs > retryMs) this.#put(this.#longer, name, { ...former, seq });
    }
  }

  /** Who named a cluster once and does no more. */
  of(name: string): Iterable<Former> {
    return this.#ended.get(name)?.values() ?? [];
  }

  /** Forgets what everybody has heard of up to a commit, but for what some named. */
  collect(seq: number, keep: ReadonlySet<number>): void {
    costs.former += this.#size;
    for (const all of [this.#ended, this.#longer]) {
      for (const [name, ids] of all) {
        for (const { id, seq: at } of [...ids.values()]) if (at <= seq && !keep.has(id)) this.#take(all, name, id);
      }
    }
  }

  #put(all: Map<string, Map<number, Former>>, name: string, former: Former): void {
    let ids = all.get(name);
    if (ids === undefined) {
      ids = new Map();
      all.set(name, ids);
    }
    if (!ids.has(former.id)) this.#size++;
    ids.set(former.id, former);
  }

  #take(all: Map<string, Map<number, Former>>, name: string, id: number): Former | undefined {
    const ids = all.get(name);
    const former = ids?.get(id);
    if (ids?.delete(id)) this.#size--;
    if (ids?.size === 0) all.delete(name);
    return former;
  }
}

const NONE: ReadonlyMap<string, number> = new Map();

/** The clusters that a resource names, with the longest time that a retry may take. */
function clustersOf(resource: Resource | undefined): ReadonlyMap<string, number> {
  if (resource?.references === undefined) return NONE;
  const found = new Map<string, number>();
  for (const { type, name, retryMs = 0 } of resource.references) {
    if (type === typeUrls.cluster) found.set(name, Math.max(retryMs, found.get(name) ?? 0));
  }
  return found;
}
