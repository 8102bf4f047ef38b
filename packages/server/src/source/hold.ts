import { diff, isSnapshot, type Snapshot, type Store } from "@rxds/core";
import { type MassDeletion, type MassDeletionGuard, massDeletions } from "./mass-deletion.js";

/** A snapshot that would remove too much, and waits. */
export interface HeldSnapshot {
  /** Its version, to release it by. */
  readonly version: string;
  /** What it would remove, of each type of which it is too much. */
  readonly types: readonly MassDeletion[];
  /** Since when, in ms since the epoch. */
  readonly since: number;
}

/** Holds back snapshots that remove too much, until a better one comes or somebody lets them pass. */
export class Hold {
  held: HeldSnapshot | undefined;
  /** What is held, with what was merged into it. */
  #burst: readonly Snapshot[] = [];
  /** What is in force. */
  #last: Snapshot | undefined;

  constructor(
    readonly guard: MassDeletionGuard | undefined,
    readonly store: Store,
  ) {}

  /**
   * Whether the newest of a burst is held. The first of all never is. Costs what differs from the one in force, when it was made
   * from that by `edit`; else a comparison of all names.
   */
  holds(burst: readonly Snapshot[]): boolean {
    const next = burst.at(-1);
    // What is no snapshot is refused, with a reason, where it is applied.
    if (this.guard === undefined || this.#last === undefined || !isSnapshot(next)) return false;
    const { removals } = diff(this.#last, next);
    const types = massDeletions(removals, (type) => this.store.table(type).live, this.guard);
    if (types.length === 0) return false;
    this.#burst = burst;
    if (this.held?.version !== next.version) this.held = { version: next.version, types, since: Date.now() };
    return true;
  }

  /** Gives out what is held, if it is of that version. */
  release(version: string): readonly Snapshot[] | undefined {
    if (this.held?.version !== version) return undefined;
    const burst = this.#burst;
    this.#drop();
    return burst;
  }

  /** A snapshot has come into force. */
  accepted(snapshot: Snapshot): void {
    if (this.guard === undefined) return;
    this.#last = snapshot;
    this.#drop();
  }

  #drop(): void {
    this.held = undefined;
    this.#burst = [];
  }
}
