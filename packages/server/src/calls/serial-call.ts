import type { BytesCall, BytesCallHandler } from "./bytes-call.js";
import { asCallError, type CallError, type Warn } from "./call-error.js";
import type { CallGuards } from "./call-guards.js";

/** A call whose messages are handled one after the other; the client waits meanwhile. What fails ends this call only. */
export class SerialCall implements BytesCallHandler {
  readonly #waiting: Buffer[] = [];
  #busy = false;
  #ended = false;
  #over = false;

  constructor(
    readonly channel: BytesCall,
    /** Handles one message. What it throws is the status of the call. */
    readonly handle: (bytes: Buffer, call: SerialCall) => Promise<void>,
    /** Hears, once, that the call is over. */
    readonly closed: (call: SerialCall) => void,
    readonly warn: Warn,
    readonly guards: CallGuards,
  ) {}

  /** Begins: the caller knows the call by now, and hears when it is over, be it at once. */
  open(): this {
    this.guards.opened(this);
    return this;
  }

  /** Whether the call is over: work for it is in vain. */
  get isOver(): boolean {
    return this.#over;
  }

  message(bytes: Buffer): void {
    if (this.#over) return;
    this.guards.spoke(this);
    // At most what the transport had read ahead.
    this.#waiting.push(bytes);
    this.channel.pause();
    void this.#work();
  }

  ended(): void {
    this.#ended = true;
    void this.#work();
  }

  over(): void {
    if (this.#over) return;
    this.#over = true;
    this.#waiting.length = 0;
    this.guards.closed(this);
    this.closed(this);
  }

  /** Sends a message, and resolves when the transport takes more. */
  write(bytes: Buffer): Promise<void> {
    if (this.#over) return Promise.resolve();
    return new Promise((resolve) => this.channel.write(bytes, resolve));
  }

  /** Ends the call: with a status, or well. */
  end(error?: CallError): void {
    if (this.#over) return;
    this.channel.end(error);
    this.over();
  }

  async #work(): Promise<void> {
    if (this.#busy || this.#over) return;
    this.#busy = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        await this.handle(next, this);
      }
    } catch (error) {
      this.end(asCallError(error, this.warn));
    }
    this.#busy = false;
    if (this.#ended) this.end();
    else if (!this.#over) this.channel.resume();
  }
}
