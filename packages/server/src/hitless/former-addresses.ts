import type { Resource } from "@rxds/core";

/** Where listeners listened that are gone: one that comes may take an address over. Costs what changed. */
export class FormerAddresses {
  readonly #gone = new Map<number, { readonly seq: number; readonly addresses: readonly string[] }>();

  /** How many listeners there are. */
  get size(): number {
    return this.#gone.size;
  }

  /** A resource has changed, come or gone. */
  changed(seq: number, id: number, before: Resource | undefined, after: Resource | undefined): void {
    const addresses = before?.traits?.addresses;
    if (after !== undefined) this.#gone.delete(id);
    else if (addresses !== undefined) this.#gone.set(id, { seq, addresses });
  }

  /** The addresses of one that is gone. */
  of(id: number): readonly string[] {
    return this.#gone.get(id)?.addresses ?? [];
  }

  /** Forgets what everybody has heard of. */
  collect(seq: number): void {
    for (const [id, { seq: at }] of this.#gone) if (at <= seq) this.#gone.delete(id);
  }
}
