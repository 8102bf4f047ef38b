/** The resources of one time to live. */
interface Bucket {
  readonly ids: Set<number>;
  readonly timer: NodeJS.Timeout;
}

/** A time to live is renewed so many times before it is over: one heartbeat, or two, may be late or lost. */
const BEATS = 3;
/** No timer is faster than this, in ms. */
const FASTEST_MS = 10;

/** When the times to live of one type's resources have to be renewed. Resources without one cost nothing. */
export class Renewals {
  readonly #ttls = new Map<number, number>();
  readonly #buckets = new Map<number, Bucket>();

  constructor(
    /** Those resources are to be renewed. */
    readonly due: (ids: ReadonlySet<number>) => void,
  ) {}

  /** Whether any resource of the type has a time to live. */
  get any(): boolean {
    return this.#ttls.size > 0;
  }

  /** A resource came, changed or went. `ttl`: in ms. */
  set(id: number, ttl: number | undefined): void {
    const before = this.#ttls.get(id);
    if (before === ttl) return;
    if (before !== undefined) this.#leave(id, before);
    if (ttl === undefined) return;
    this.#ttls.set(id, ttl);
    let bucket = this.#buckets.get(ttl);
    if (bucket === undefined) {
      const ids = new Set<number>();
      const timer = setInterval(() => this.due(ids), Math.max(FASTEST_MS, ttl / BEATS));
      timer.unref();
      bucket = { ids, timer };
      this.#buckets.set(ttl, bucket);
    }
    bucket.ids.add(id);
  }

  close(): void {
    for (const { timer } of this.#buckets.values()) clearInterval(timer);
    this.#buckets.clear();
    this.#ttls.clear();
  }

  #leave(id: number, ttl: number): void {
    this.#ttls.delete(id);
    const bucket = this.#buckets.get(ttl);
    bucket?.ids.delete(id);
    if (bucket === undefined || bucket.ids.size > 0) return;
    clearInterval(bucket.timer);
    this.#buckets.delete(ttl);
  }
}
