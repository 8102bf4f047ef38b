import type { XdsStream } from "../stream/stream.js";
import type { XdsLimits } from "../xds-options.js";
import { ConnectionAge } from "./connection-age.js";
import { Deadlines } from "./deadlines.js";
import type { Limits } from "./limits.js";
import { Peers } from "./peers.js";

/** Tells that a stream is ended because of a limit. */
export type Limited = (stream: XdsStream, limit: keyof XdsLimits, why: string) => void;

/** The limits on streams as such: how many, how long without a request, how old. */
export class Guards {
  readonly #peers: Peers;
  readonly #silent: Deadlines<XdsStream>;
  readonly #age: ConnectionAge;
  readonly #leave = new Map<XdsStream, () => void>();

  constructor(
    readonly limits: Limits,
    readonly limited: Limited,
  ) {
    this.#peers = new Peers(limits.streamsPerPeer);
    this.#silent = new Deadlines(limits.firstRequestMs, (stream) => this.#late(stream));
    this.#age = new ConnectionAge(limits.connectionAgeMs, (stream) => {
      stream.end("UNAVAILABLE", "the connection is old: reconnect");
    });
  }

  /** A stream was opened; it is ended here when its peer has too many. */
  opened(stream: XdsStream): void {
    const leave = this.#peers.enter(stream.channel);
    if (leave === undefined) {
      const why = `more than ${this.limits.streamsPerPeer} streams of one client`;
      this.limited(stream, "streamsPerPeer", why);
      stream.end("RESOURCE_EXHAUSTED", why);
      return;
    }
    this.#leave.set(stream, leave);
    this.#silent.start(stream);
    this.#age.opened(stream);
  }

  /** The first request is there. */
  began(stream: XdsStream): void {
    this.#silent.stop(stream);
  }

  closed(stream: XdsStream): void {
    this.#silent.stop(stream);
    this.#age.closed(stream);
    this.#leave.get(stream)?.();
    this.#leave.delete(stream);
  }

  close(): void {
    this.#silent.close();
  }

  #late(stream: XdsStream): void {
    const why = `no request within ${this.limits.firstRequestMs} ms`;
    this.limited(stream, "firstRequestMs", why);
    stream.end("DEADLINE_EXCEEDED", why);
  }
}
