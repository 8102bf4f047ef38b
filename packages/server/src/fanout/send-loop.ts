import type { Subscription } from "../stream/subscription.js";
import type { NameSet } from "./name-set.js";

/** The most that one turn of the event loop hands to transports. */
const TURN_MS = 1;
const TURN_BYTES = 1 << 20;
/** The longest rest between two turns while news comes in faster than it goes out. */
const LONGEST_PAUSE_MS = 100;
/** How long a newer response waits for the answer to an older one of its type. */
export const OVERTAKE_MS = 100;

/** Tries to send what a subscription is due, and returns the bytes handed to the transport: 0 when nothing was. */
export type Attempt = (subscription: Subscription) => number;

/** One place in the push order. */
interface Lane {
  readonly rank: number;
  readonly sets: NameSet[];
  /** Being served. */
  ready: Subscription[];
  /** Came since; served when `ready` is empty, so that nobody is passed over for long. */
  incoming: Subscription[];
}

/**
 * Decides when what is sent. Commits and requests only put sets and subscriptions in line; a pass on a later turn of the
 * event loop serves the line in push order (CDS before EDS before LDS before RDS), a bounded amount each turn, so that what
 * else happens in between (more commits, ACKs) is seen, and gathers.
 */
export class SendLoop {
  readonly #lanes: Lane[] = [];
  #scheduled = false;
  /** A set changed while older news was still going out. */
  #contended = false;
  #pauseTimer: NodeJS.Timeout | undefined;
  #overtake: { readonly subscription: Subscription; readonly nonce: string; readonly at: number }[] = [];
  #overtakeHead = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(readonly attempt: Attempt) {}

  /** Puts a set in line: everybody who rests in it is looked at. */
  queueSet(set: NameSet, rank: number): void {
    if (this.#scheduled) this.#contended = true;
    if (set.queued) return;
    set.queued = true;
    this.#lane(rank).sets.push(set);
    this.#schedule();
  }

  /** Puts one subscription in line. */
  queue(subscription: Subscription): void {
    if (subscription.queued || subscription.closed) return;
    subscription.queued = true;
    this.#lane(subscription.type.rank).incoming.push(subscription);
    this.#schedule();
  }

  /** Looks at a subscription again when its response was under way for long enough to be overtaken. */
  queueOvertake(subscription: Subscription, nonce: string, at: number): void {
    this.#overtake.push({ subscription, nonce, at });
    this.#arm();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#pauseTimer);
    this.#overtake = [];
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    const start = performance.now();
    let bytes = 0;
    for (let n = 1; ; n++) {
      const subscription = this.#next();
      if (subscription === undefined) return;
      bytes += this.attempt(subscription);
      if (bytes >= TURN_BYTES || (n % 4 === 0 && performance.now() - start >= TURN_MS)) break;
    }
    if (this.#contended) this.#pause(start);
    else this.#schedule();
  }

  /**
   * Rests for about as long as the last turn and its consequences took: half of the time belongs to the source. What changes
   * meanwhile gathers, and goes out once instead of many times.
   */
  #pause(start: number): void {
    this.#scheduled = true;
    // One turn later the ACKs and writes that the turn brought about are in.
    setImmediate(() => {
      this.#contended = false;
      const took = Math.min(LONGEST_PAUSE_MS, performance.now() - start);
      this.#pauseTimer = setTimeout(() => {
        this.#scheduled = false;
        if (!this.#closed) this.#turn();
      }, took);
    });
  }

  /** The next in push order. */
  #next(): Subscription | undefined {
    for (const lane of this.#lanes) {
      for (;;) {
        if (lane.ready.length === 0) [lane.ready, lane.incoming] = [lane.incoming, lane.ready];
        const ready = lane.ready.pop();
        if (ready !== undefined) {
          ready.queued = false;
          if (ready.closed) continue;
          ready.leave();
          return ready;
        }
        const set = lane.sets[0];
        if (set === undefined) break;
        const resting = takeBehind(set);
        if (resting !== undefined) return resting;
        lane.sets.shift();
        set.queued = false;
      }
    }
    return undefined;
  }

  #lane(rank: number): Lane {
    let lane = this.#lanes.find((one) => one.rank === rank);
    if (lane === undefined) {
      lane = { rank, sets: [], ready: [], incoming: [] };
      this.#lanes.push(lane);
      this.#lanes.sort((a, b) => a.rank - b.rank);
    }
    return lane;
  }

  #arm(): void {
    const head = this.#overtake[this.#overtakeHead];
    if (this.#timer !== undefined || head === undefined || this.#closed) return;
    this.#timer = setTimeout(() => this.#ripe(), Math.max(1, head.at + OVERTAKE_MS - performance.now()));
    this.#timer.unref();
  }

  #ripe(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (;;) {
      const head = this.#overtake[this.#overtakeHead];
      if (head === undefined || head.at + OVERTAKE_MS > now) break;
      this.#overtakeHead++;
      const { subscription, nonce } = head;
      if (subscription.closed || subscription.flights.at(-1)?.nonce !== nonce) continue;
      if (subscription.pending) this.queue(subscription);
      // From here on a change reaches it although its response is still under way.
      else subscription.rest();
    }
    if (this.#overtakeHead > 1024 || this.#overtakeHead === this.#overtake.length) {
      this.#overtake.splice(0, this.#overtakeHead);
      this.#overtakeHead = 0;
    }
    this.#arm();
  }
}

/** Takes one subscription that rests behind its set's last change. */
function takeBehind(set: NameSet): Subscription | undefined {
  for (const cohort of set.cohorts.values()) {
    if (cohort.cursor >= set.touched) continue;
    const subscription = cohort.subscriptions.at(-1);
    subscription?.leave();
    if (subscription !== undefined) return subscription;
  }
  for (const subscription of set.exceptions) {
    if (subscription.cursor >= set.touched) continue;
    subscription.leave();
    return subscription;
  }
  return undefined;
}
