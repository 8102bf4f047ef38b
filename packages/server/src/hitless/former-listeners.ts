import type { Resource } from "@rxds/core";
import { costs } from "../fanout/costs.js";

/**
 * Listeners that are gone, of which somebody may still have to hear: a client may need one back, and one that comes may take its
 * address over. Costs what changed.
 */
export class FormerListeners {
  readonly #gone = new Map<number, { readonly seq: number; readonly resource: Resource }>();

  /** How many there are. */
  get size(): number {
    return this.#gone.size;
  }

  /** A listener has changed, come or gone. */
  changed(seq: number, id: number, before: Resource | undefined, after: Resource | undefined): void {
    this.#gone.delete(id);
    if (after === undefined && before !== undefined) this.#gone.set(id, { seq, resource: before });
  }

  /** One that is gone, as it was. */
  of(id: number): Resource | undefined {
    return this.#gone.get(id)?.resource;
  }

  /** Forgets what everybody has heard of up to a commit, but for some. */
  collect(seq: number, keep: ReadonlySet<number>): void {
    costs.former += this.#gone.size;
    for (const [id, { seq: at }] of this.#gone) if (at <= seq && !keep.has(id)) this.#gone.delete(id);
  }
}
