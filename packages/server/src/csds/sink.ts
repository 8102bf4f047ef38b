/** Memory is taken in pieces of this many bytes: one allocation for hundreds of small fields. */
const CHUNK = 64 << 10;

/** Encoded bytes in the making, in few large buffers. A header may be put before what follows once its length is known. */
export class Sink {
  readonly #parts: Buffer[] = [];
  #chunk = Buffer.alloc(0);
  #from = 0;
  #at = 0;
  #size = 0;

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /** Room for exactly `size` bytes, which the caller writes at once. */
  room(size: number): { readonly into: Buffer; readonly at: number } {
    if (this.#at + size > this.#chunk.length) {
      this.#cut();
      this.#chunk = Buffer.allocUnsafeSlow(Math.max(size, CHUNK));
      this.#from = this.#at = 0;
    }
    const { into, at } = { into: this.#chunk, at: this.#at };
    this.#at += size;
    this.#size += size;
    return { into, at };
  }

  /** Marks this place. The function puts a header there. */
  mark(): (header: Buffer) => void {
    this.#cut();
    const place = this.#parts.push(Buffer.alloc(0)) - 1;
    return (header) => {
      this.#parts[place] = header;
      this.#size += header.length;
    };
  }

  /** All of it as one. */
  bytes(): Buffer {
    this.#cut();
    return Buffer.concat(this.#parts, this.#size);
  }

  #cut(): void {
    if (this.#at > this.#from) this.#parts.push(this.#chunk.subarray(this.#from, this.#at));
    this.#from = this.#at;
  }
}
