import { setImmediate } from "node:timers/promises";

/** How long work may keep the event loop, in milliseconds. */
const TURN_MS = 4;
/** How many steps are taken before the clock is looked at. */
const STEPS = 64;

/** Lets others have the event loop while something long is done in small steps. */
export class Turns {
  #steps = 0;
  #since = performance.now();

  /** Whether it is time to `pause`. Costs next to nothing. */
  get over(): boolean {
    this.#steps++;
    return this.#steps % STEPS === 0 && performance.now() - this.#since > TURN_MS;
  }

  /** Goes on in a later turn of the event loop. */
  async pause(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
  }
}
