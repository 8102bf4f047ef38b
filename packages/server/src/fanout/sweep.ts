/**
 * Says when to look through what has gathered for what may be forgotten: when there is twice as much as was left the last time,
 * or as much has happened since. So n things that happen cost O(n) in all, however much of what gathers has to stay.
 */
export class Sweep {
  #at: number;
  #happened = 0;

  constructor(
    /** Less than that is not looked through. */
    readonly least: number,
  ) {
    this.#at = least;
  }

  /** Something has happened, and there is so much now. */
  isDue(size: number): boolean {
    return ++this.#happened > this.#at || size > this.#at;
  }

  /** It was looked through, and so much is left. */
  done(left: number): void {
    this.#at = Math.max(this.least, 2 * left);
    this.#happened = 0;
  }
}
