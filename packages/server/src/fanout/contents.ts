import type { Resource } from "@rxds/core";

/** So many are remembered. */
const MOST = 32;

/**
 * What the newest full states held, by version: a client that reconnects says only the version of what it has. Lists are shared
 * with the streams that were sent them.
 */
export class Contents {
  readonly #byVersion = new Map<string, readonly Resource[]>();

  /** What was sent under that version, if it is remembered. */
  get(version: string): readonly Resource[] | undefined {
    return this.#byVersion.get(version);
  }

  /** Was sent just now. */
  set(version: string, resources: readonly Resource[]): void {
    this.#byVersion.delete(version);
    this.#byVersion.set(version, resources);
    for (const old of this.#byVersion.keys()) {
      if (this.#byVersion.size <= MOST) break;
      this.#byVersion.delete(old);
    }
  }
}
