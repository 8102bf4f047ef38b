import type { ClientSpec } from "./history.js";
import { type Response, readResponse, typeOf } from "./messages.js";
import { type Kind, UNKNOWN_URL } from "./samples.js";
import type { Surroundings, Wire } from "./surroundings.js";
import type { XdsTestClient } from "./test-client.js";

/** What a client does when it hears from the server. */
export interface WiresListener {
  written(response: Response): void;
  received(response: Response): void;
  /** A response of the type that nobody knows. */
  unknown(bytes: Buffer): void;
  lost(): void;
}

/** The streams of one client: one for all kinds, or one for each. */
export class Wires {
  readonly #wires = new Map<Kind | "all", Wire>();
  readonly #introduced = new Set<Wire>();
  /** Streams on which the client has said something that ends them. */
  readonly #doomed = new Set<Wire>();

  constructor(
    readonly client: XdsTestClient,
    readonly spec: ClientSpec,
    readonly around: Surroundings,
    readonly listener: WiresListener,
  ) {}

  /** How many are open. */
  get size(): number {
    return this.#wires.size;
  }

  /** Whether the client did what ends one, and was not told so far. */
  get doomed(): boolean {
    return this.#doomed.size > 0;
  }

  send(kind: Kind, bytes: Buffer): void {
    this.#wire(kind).send(bytes);
  }

  /** Sends what the server has to end the stream for, and no other one. */
  sendBad(kind: Kind, bytes: Buffer): void {
    const wire = this.#wire(kind);
    this.#doomed.add(wire);
    wire.send(bytes);
  }

  /** The node, in the first message of each stream. */
  node(kind: Kind) {
    const wire = this.#wire(kind);
    if (this.#introduced.has(wire)) return {};
    this.#introduced.add(wire);
    return { node: { id: this.client.name, cluster: this.spec.key } };
  }

  /** Ends all streams: at once, or by saying that nothing more will be said. */
  end(how: "reset" | "half-close" = "reset"): void {
    const wires = [...this.#wires.values()];
    this.forget();
    for (const wire of wires)
      if (how === "reset" || this.#doomed.has(wire)) wire.end();
      else wire.halfClose();
  }

  /** All streams are over. */
  forget(): void {
    this.#wires.clear();
    this.#doomed.clear();
  }

  #wire(kind: Kind): Wire {
    const key = this.spec.aggregated ? "all" : kind;
    const open = this.#wires.get(key);
    if (open !== undefined) return open;
    const wire: Wire = this.around.open(this.client, this.spec.aggregated ? undefined : kind, {
      written: (bytes) => this.#heard(bytes, (response) => this.listener.written(response)),
      received: (bytes) =>
        typeOf(this.spec.protocol, bytes) === UNKNOWN_URL
          ? this.listener.unknown(bytes)
          : this.#heard(bytes, (response) => this.listener.received(response)),
      ended: (code, details) => {
        this.around.trace(`${this.client.name} < ended: ${code} ${details}`);
        const expected =
          code === "UNAVAILABLE" ||
          (code === "INVALID_ARGUMENT" && this.#doomed.has(wire)) ||
          // Who reads nothing for long is not waited for for ever.
          (code === "RESOURCE_EXHAUSTED" && this.client.stalled);
        if (!expected) this.around.fail(`the stream of ${this.client.name} ended with ${code} ${details}`);
        this.listener.lost();
      },
    });
    this.#wires.set(key, wire);
    return wire;
  }

  #heard(bytes: Buffer, then: (response: Response) => void): void {
    try {
      if (typeOf(this.spec.protocol, bytes) !== UNKNOWN_URL) then(readResponse(this.spec.protocol, bytes));
    } catch (error) {
      this.around.fail(`${this.client.name}: ${error instanceof Error ? error.stack : error}`);
    }
  }
}
