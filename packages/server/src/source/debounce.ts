import {
  asyncScheduler,
  Observable,
  type OperatorFunction,
  type SchedulerAction,
  type SchedulerLike,
  type Subscription,
} from "rxjs";

/** When the snapshots of a burst are merged into one: the newest. */
export interface Debounce {
  /** The newest is taken when nothing came for so many ms. */
  readonly quietMs: number;
  /** It is taken at the latest so many ms after the first of the burst. At least `quietMs`. */
  readonly maxMs: number;
}

/** Of a burst, so many of the newest are told. */
const MOST_TOLD = 64;

/**
 * Merges bursts: emits the values of each, oldest first, only the last of which counts. The first value of all is a burst of its
 * own, and is not delayed. What is pending when the source ends comes before the end.
 */
export function bursts<T>(
  { quietMs, maxMs }: Debounce,
  scheduler: SchedulerLike = asyncScheduler,
): OperatorFunction<T, readonly T[]> {
  return (source) =>
    new Observable((subscriber) => {
      let begun = false;
      let burst: T[] = [];
      let first = 0;
      let last = 0;
      let task: Subscription | undefined;
      /** Takes what is there. */
      const flush = (): void => {
        const done = burst;
        burst = [];
        if (done.length > 0) subscriber.next(done);
      };
      const due = () => Math.min(last + quietMs, first + maxMs);
      /** Looks whether it is time; values that came since do not set the timer anew. */
      function look(this: SchedulerAction<unknown>): void {
        const left = due() - scheduler.now();
        if (burst.length > 0 && left > 0) this.schedule(undefined, left);
        else {
          task?.unsubscribe();
          task = undefined;
          flush();
        }
      }
      subscriber.add(
        source.subscribe({
          next(value) {
            if (!begun) {
              begun = true;
              subscriber.next([value]);
              return;
            }
            last = scheduler.now();
            if (burst.length === 0) first = last;
            burst.push(value);
            if (burst.length > MOST_TOLD) burst.shift();
            // A source that never lets the timers run is no reason to wait longer.
            if (last - first >= maxMs) flush();
            else if (task === undefined) {
              task = scheduler.schedule(look, quietMs);
              subscriber.add(task);
            }
          },
          error(reason: unknown) {
            flush();
            subscriber.error(reason);
          },
          complete() {
            flush();
            subscriber.complete();
          },
        }),
      );
    });
}
