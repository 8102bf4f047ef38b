import { IdHash } from "../fanout/hash-ids.js";

/** A cluster that a client can't use yet, as far as is known. */
export interface Fresh {
  /** The number of the response on the stream that held it; 0: it was not sent yet. */
  readonly response: number;
  /** Whether the client has accepted its endpoints since. */
  fed: boolean;
  /** Whether the client has accepted the cluster itself, and waits for endpoints that do not exist yet. */
  accepted: boolean;
}

/** Clusters that are new to a client and that it has not accepted yet, by id. */
export class FreshClusters extends Map<number, Fresh> {
  readonly #hash = new IdHash();

  /** The same for clients that lack the same clusters. */
  get key(): string {
    return this.#hash.toString();
  }

  override set(id: number, fresh: Fresh): this {
    if (!this.has(id)) this.#hash.add(id);
    return super.set(id, fresh);
  }

  override delete(id: number): boolean {
    const was = super.delete(id);
    if (was) this.#hash.delete(id);
    return was;
  }

  override clear(): void {
    for (const id of this.keys()) this.#hash.delete(id);
    super.clear();
  }
}
