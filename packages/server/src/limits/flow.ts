import type { XdsStream } from "../stream/stream.js";
import type { Subscription } from "../stream/subscription.js";
import { Deadlines } from "./deadlines.js";
import { InitialLine } from "./initial-line.js";
import type { Limits } from "./limits.js";

/** While others wait for a first response, a client that stands in their way has this part of the time. */
const PRESSED = 1 / 4;

/** What {@link Flow} asks of the server. */
export interface FlowHooks {
  /** It is the turn of a subscription that was not admitted before. */
  readonly wake: (subscription: Subscription) => void;
  /** A client has not read for too long, in ms: its stream has to be ended. */
  readonly stalled: (stream: XdsStream, ms: number) => void;
}

/**
 * Watches over what is handed to transports and not passed on: the bytes of initial pushes over all streams, and clients
 * that do not read. A push is initial until the client has accepted something of that type on that stream.
 */
export class Flow {
  readonly #line: InitialLine<Subscription>;
  /** Streams with anything under way, by the last time that some of it was passed on. */
  readonly #unsent: Deadlines<XdsStream>;
  /** Those whose initial pushes are under way: they run out sooner while somebody waits. */
  readonly #holders: Deadlines<XdsStream>;
  /** The unfinished bytes of initial pushes. */
  readonly #held = new Map<XdsStream, number>();

  constructor({ initialBytes, stalledMs }: Pick<Limits, "initialBytes" | "stalledMs">, { wake, stalled }: FlowHooks) {
    this.#line = new InitialLine(initialBytes, wake);
    this.#unsent = new Deadlines(stalledMs, (stream) => stalled(stream, stalledMs));
    const pressed = stalledMs * PRESSED;
    this.#holders = new Deadlines(
      pressed,
      (stream) => stalled(stream, pressed),
      () => this.#line.waiting > 0,
    );
  }

  /** Whether a subscription may send now. Otherwise it waits in line, and is woken. */
  admits(subscription: Subscription): boolean {
    if (!isInitial(subscription) || !subscription.pending) {
      this.#line.leave(subscription);
      return true;
    }
    if (this.#line.enter(subscription)) return true;
    this.#holders.arm();
    return false;
  }

  /** A response is about to be handed to the transport. Returns what to call when it was passed on. */
  wrote(subscription: Subscription, bytes: number): () => void {
    const { stream } = subscription;
    const initial = isInitial(subscription);
    if (initial) this.#hold(stream, bytes);
    if (!this.#unsent.has(stream)) this.#unsent.start(stream);
    return () => {
      // A stream that is over has given everything back.
      if (stream.closed) return;
      if (initial) this.#hold(stream, -bytes);
      if (stream.unsent > 0) this.#unsent.start(stream);
      else this.#unsent.stop(stream);
    };
  }

  /** A stream is over. */
  closed(stream: XdsStream): void {
    this.#hold(stream, -(this.#held.get(stream) ?? 0));
    this.#unsent.stop(stream);
  }

  close(): void {
    this.#unsent.close();
    this.#holders.close();
  }

  #hold(stream: XdsStream, bytes: number): void {
    const before = this.#held.get(stream) ?? 0;
    const now = before + bytes;
    if (now > 0) this.#held.set(stream, now);
    else this.#held.delete(stream);
    if (now === 0) this.#holders.stop(stream);
    // Something was passed on, or there was nothing before: the time begins anew.
    else if (now < before || before === 0) this.#holders.start(stream);
    if (bytes > 0) this.#line.took(bytes);
    else this.#line.gave(-bytes);
  }
}

function isInitial(subscription: Subscription): boolean {
  return subscription.acked === undefined;
}
