import type { XdsStream } from "../stream/stream.js";

/** How long somebody waits for a fact. */
export interface WaitOptions {
  /** Gives up after so many ms. Default: 30,000. */
  readonly deadlineMs?: number;
  /** Gives up when it aborts. */
  readonly signal?: AbortSignal;
}

/** What was waited for did not come in time. */
export class NotReachedError extends Error {
  override readonly name = "NotReachedError";
  constructor(
    /** What was waited for. */
    readonly what: string,
    /** How things stood at the end. */
    readonly state: string,
  ) {
    super(`${what}: not reached in time; ${state}`);
  }
}

/** A fact that is waited for. */
export interface Fact {
  /** A word for it. */
  readonly what: string;
  /** The `node.id` of the clients that it is about; undefined: it is about any. */
  readonly nodeId?: string;
  /** Whether it is so. `streams`: those of the clients that it is about. */
  readonly holds: (streams: readonly XdsStream[]) => boolean;
  /** How things stand, for errors. */
  readonly state: (streams: readonly XdsStream[]) => string;
}

/** One who waits. */
interface Waiter {
  readonly fact: Fact;
  readonly resolve: () => void;
}

/** Those who wait for facts that ACKs, commits and disconnections bring about. */
export interface Waiters {
  /** Resolves when a fact holds. @throws NotReachedError, or the signal's reason. */
  wait(fact: Fact, options?: WaitOptions): Promise<void>;
  /**
   * Something happened: whoever waits looks again, once, a little later. With a stream, it happened to that alone: who waits for facts
   * about other clients need not look, as thousands may.
   */
  poke(stream?: XdsStream): void;
}

export function createWaiters(streams: ReadonlySet<XdsStream>): Waiters {
  /** By the node's id that their facts are about. */
  const waiting = new Map<string | undefined, Set<Waiter>>();
  /** The nodes to which something happened. */
  let touched: Set<string> | "all" = new Set();
  let scheduled = false;
  const streamsOf = (nodeId: string | undefined) =>
    nodeId === undefined ? [...streams] : [...streams].filter((stream) => stream.node?.id === nodeId);
  const look = () => {
    scheduled = false;
    const nodes = touched === "all" ? [...waiting.keys()] : [undefined, ...touched];
    touched = new Set();
    for (const nodeId of nodes) {
      const waiters = waiting.get(nodeId);
      if (waiters === undefined) continue;
      const about = streamsOf(nodeId);
      for (const { fact, resolve } of waiters) if (fact.holds(about)) resolve();
    }
  };
  const join = (waiter: Waiter) => {
    const { nodeId } = waiter.fact;
    const waiters = waiting.get(nodeId);
    if (waiters === undefined) waiting.set(nodeId, new Set([waiter]));
    else waiters.add(waiter);
  };
  const leave = (waiter: Waiter) => {
    const { nodeId } = waiter.fact;
    const waiters = waiting.get(nodeId);
    if (waiters?.delete(waiter) && waiters.size === 0) waiting.delete(nodeId);
  };
  return {
    poke(stream) {
      if (waiting.size === 0) return;
      const nodeId = stream?.node?.id;
      if (nodeId === undefined) touched = "all";
      else if (touched !== "all") touched.add(nodeId);
      if (scheduled) return;
      scheduled = true;
      setImmediate(look);
    },
    wait(fact, { deadlineMs = 30_000, signal } = {}) {
      return new Promise((resolve, reject) => {
        if (fact.holds(streamsOf(fact.nodeId))) {
          resolve();
          return;
        }
        const settle = (finish: () => void) => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", aborted);
          leave(waiter);
          finish();
        };
        const aborted = () => settle(() => reject(signal?.reason));
        const late = () => new NotReachedError(fact.what, fact.state(streamsOf(fact.nodeId)));
        const timer = setTimeout(() => settle(() => reject(late())), deadlineMs);
        const waiter: Waiter = { fact, resolve: () => settle(resolve) };
        signal?.addEventListener("abort", aborted);
        if (signal?.aborted) aborted();
        else join(waiter);
      });
    },
  };
}
