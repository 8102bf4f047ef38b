/** Time that passes only when a test says so. */
export interface Timeline {
  /** Milliseconds since the beginning. */
  readonly now: number;
  /** Runs something after so many ms. Returns how to call it off. */
  after(ms: number, run: () => void): () => void;
  /** Lets time pass: what is due runs in its order. */
  tick(ms: number): void;
}

/** A timeline at 0. */
export function createTimeline(): Timeline {
  let now = 0;
  let due: { readonly at: number; readonly run: () => void }[] = [];
  return {
    get now() {
      return now;
    },
    after(ms, run) {
      const entry = { at: now + ms, run };
      // Behind all that is due at the same time.
      const place = due.findIndex(({ at }) => at > entry.at);
      due.splice(place < 0 ? due.length : place, 0, entry);
      return () => {
        due = due.filter((other) => other !== entry);
      };
    },
    tick(ms) {
      const until = now + ms;
      for (let next = due[0]; next !== undefined && next.at <= until; next = due[0]) {
        due.shift();
        now = next.at;
        next.run();
      }
      now = until;
    },
  };
}
