/** How long the client waits before it connects again. */
export interface ReconnectOptions {
  /** The first wait, in milliseconds. Default 500. */
  readonly minMs?: number;
  /** The longest wait before jitter, in milliseconds. Default 30,000. */
  readonly maxMs?: number;
  /**
   * How far a wait is spread, as a share of itself: 0.2 means between 80 % and 120 %. Default 0.2. It keeps the clients
   * of a server that restarts from coming back all at once.
   */
  readonly jitter?: number;
}

/** A growing wait. */
export interface Backoff {
  /** The next wait in milliseconds; each is 1.6 times the one before, up to the longest. */
  next(): number;
  /** Starts again with the first wait. */
  reset(): void;
}

const FACTOR = 1.6;

/**
 * The exponential backoff with jitter of gRPC (its connection backoff, which gRFC A57 uses for xDS streams).
 *
 * @param random a number in [0, 1), new with each call.
 */
export function createBackoff(options: Required<ReconnectOptions>, random: () => number = Math.random): Backoff {
  let base = options.minMs;
  return {
    next() {
      const wait = base * (1 + options.jitter * (2 * random() - 1));
      base = Math.min(base * FACTOR, options.maxMs);
      return wait;
    },
    reset() {
      base = options.minMs;
    },
  };
}
