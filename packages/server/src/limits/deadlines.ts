/**
 * One deadline for many: each has to be stopped within so many ms after it was started. They run out in the order in which
 * they were started, so one timer and one map serve all of them, at O(1) for each start and stop.
 */
export class Deadlines<T> {
  readonly #since = new Map<T, number>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    /** `Infinity`: never. */
    readonly ms: number,
    readonly missed: (one: T) => void,
    /** While this is false nothing runs out; {@link arm} tells that it may be true again. */
    readonly applies: () => boolean = () => true,
  ) {}

  has(one: T): boolean {
    return this.#since.has(one);
  }

  /** Starts, or starts anew. */
  start(one: T): void {
    if (this.ms === Number.POSITIVE_INFINITY || this.#closed) return;
    this.#since.delete(one);
    this.#since.set(one, performance.now());
    this.arm();
  }

  stop(one: T): void {
    this.#since.delete(one);
  }

  /** Sets the timer, if there is anything to wait for. */
  arm(): void {
    if (this.#timer !== undefined || this.#closed || !this.applies()) return;
    const [oldest] = this.#since.values();
    if (oldest === undefined) return;
    this.#timer = setTimeout(() => this.#ripe(), Math.max(1, oldest + this.ms - performance.now()));
    this.#timer.unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#since.clear();
  }

  #ripe(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [one, since] of this.#since) {
      if (since + this.ms > now || !this.applies()) break;
      this.#since.delete(one);
      this.missed(one);
    }
    this.arm();
  }
}
