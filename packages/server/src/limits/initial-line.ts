/**
 * The line for initial pushes: while more than so many bytes of them are unfinished, further ones wait, first come first
 * served. Costs O(1) whatever happens, however many wait.
 */
export class InitialLine<T extends { readonly closed: boolean }> {
  readonly #waiting = new Set<T>();
  #bytes = 0;

  constructor(
    readonly mostBytes: number,
    /** It is the turn of this one: it has to {@link enter} or {@link leave} soon. May be called more than once. */
    readonly wake: (first: T) => void,
  ) {}

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The unfinished bytes. Beyond the limit by at most one response. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether one may push now. Otherwise it has its place in the line. */
  enter(one: T): boolean {
    const [first] = this.#waiting;
    const admitted = this.#bytes < this.mostBytes && (first === undefined || first === one);
    if (admitted) this.#waiting.delete(one);
    else this.#waiting.add(one);
    this.next();
    return admitted;
  }

  /** One does not want to push any more. */
  leave(one: T): void {
    if (this.#waiting.delete(one)) this.next();
  }

  /** Bytes of an initial push were handed to the transport. */
  took(bytes: number): void {
    this.#bytes += bytes;
  }

  /** They are finished: passed on, or thrown away. */
  gave(bytes: number): void {
    this.#bytes -= bytes;
    this.next();
  }

  /** Calls who is next, if there is room. */
  next(): void {
    if (this.#bytes >= this.mostBytes) return;
    for (const first of this.#waiting) {
      if (!first.closed) {
        this.wake(first);
        return;
      }
      this.#waiting.delete(first);
    }
  }
}
