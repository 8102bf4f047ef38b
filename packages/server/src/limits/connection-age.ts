import type { XdsStream } from "../stream/stream.js";

/** Streams that are ended in one turn of the event loop. */
const EACH_TURN = 50;

/** The longest time that a timer takes; it would take a longer one for none. */
const LONGEST_MS = 2 ** 31 - 1;

/** The streams of one connection. */
interface Connection {
  readonly streams: Set<XdsStream>;
  readonly timer: NodeJS.Timeout;
}

/**
 * Ends the streams of connections that have reached an age, with a status that makes clients reconnect. Each connection gets
 * between one and 1.2 times that age, by chance, so that a fleet that came at once does not leave at once.
 *
 * The transport has told the client before that the connection is going away ({@link transportAge}): otherwise the
 * client would open its next stream on the same one.
 */
export class ConnectionAge {
  readonly #connections = new Map<string | XdsStream, Connection>();

  constructor(
    /** In ms; `Infinity`: connections may grow old. */
    readonly ms: number,
    readonly ended: (stream: XdsStream) => void,
  ) {}

  opened(stream: XdsStream): void {
    if (this.ms === Number.POSITIVE_INFINITY) return;
    const key = keyOf(stream);
    let connection = this.#connections.get(key);
    if (connection === undefined) {
      const streams = new Set<XdsStream>();
      const age = Math.min(this.ms * (1 + Math.random() / 5), LONGEST_MS);
      const timer = setTimeout(() => void this.#end(streams), age);
      timer.unref();
      connection = { streams, timer };
      this.#connections.set(key, connection);
    }
    connection.streams.add(stream);
  }

  closed(stream: XdsStream): void {
    const connection = this.#connections.get(keyOf(stream));
    if (!connection?.streams.delete(stream) || connection.streams.size > 0) return;
    clearTimeout(connection.timer);
    this.#connections.delete(keyOf(stream));
  }

  async #end(streams: ReadonlySet<XdsStream>): Promise<void> {
    let n = 0;
    for (const stream of streams) {
      this.ended(stream);
      if (++n % EACH_TURN === 0) await new Promise(setImmediate);
    }
  }
}

/**
 * The age to give to grpc-js, which adds or takes up to a tenth: the client has heard of it before its streams are ended.
 */
export function transportAge(ms: number): number {
  return Math.floor(ms / 1.1);
}

/** A connection is known by the client's address and port. On a Unix socket there is none: each stream for itself. */
function keyOf(stream: XdsStream): string | XdsStream {
  const { address } = stream.channel.peer;
  return address.includes(":") ? address : stream;
}
