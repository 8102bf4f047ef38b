import {
  type CheckOptions,
  type CommitResult,
  InvalidSnapshotError,
  isSnapshot,
  isStore,
  type Problem,
  type Snapshot,
  type Store,
  type StoreDiff,
} from "@rxds/core";
import { map, type Observable, type Subscription as RxSubscription } from "rxjs";
import type { StoreIndex } from "../fanout/store-index.js";
import { bursts, type Debounce } from "./debounce.js";
import { type HeldSnapshot, Hold } from "./hold.js";
import type { MassDeletionGuard } from "./mass-deletion.js";

/** What happens to a base, for events. */
export interface BaseHooks {
  /** The first configuration is in force. */
  readonly begun: (base: Base) => void;
  /** A configuration is in force. */
  readonly accepted: (base: Base, diff: StoreDiff, warnings: readonly Problem[]) => void;
  /** A configuration was refused as a whole; the last good one stays. */
  readonly refused: (base: Base, error: InvalidSnapshotError) => void;
  /** A configuration removes too much, and waits to be released; the last one stays. */
  readonly held: (base: Base, held: HeldSnapshot) => void;
  /** The source failed or completed; the last good configuration stays in force. */
  readonly ended: (base: Base, error: unknown) => void;
}

/** How a source's snapshots come into force. */
export interface BaseOptions {
  readonly checks?: CheckOptions;
  readonly debounce?: Debounce;
  readonly massDeletion?: MassDeletionGuard;
}

/** Who shows a base. */
export interface BaseView {
  readonly key: string;
  /** Something that it shows has become ready. */
  wake(): void;
}

/** So many snapshots can still be waited for by their version. */
const MOST_VERSIONS = 64;

/** A configuration and its fan-out, shared by all views of the same source; or what one view has of its own. */
export class Base {
  readonly index: StoreIndex;
  /** The commits of the newest snapshots, by version, for those who wait for one. Bounded. */
  readonly versions = new Map<string, number>();
  /** Who shows it. */
  readonly views = new Set<BaseView>();
  #begun = false;
  /** What came before there was that which it stands beside. */
  #early: readonly Snapshot[] = [];
  readonly #hold: Hold;
  #subscription: RxSubscription | undefined;
  readonly #unfollow: (() => void)[] = [];

  constructor(
    readonly source: Snapshot | Observable<Snapshot> | Store,
    /** Where the source's snapshots go; the source itself, if that is a store. */
    readonly store: Store,
    readonly options: BaseOptions,
    makeIndex: (store: Store) => StoreIndex,
    readonly hooks: BaseHooks,
    /** What it stands beside: its snapshots are checked together with that, and so wait for it. */
    readonly beside?: Base,
  ) {
    this.index = makeIndex(store);
    this.#hold = new Hold(options.massDeletion, store);
  }

  /** The keys that show it. */
  get keys(): readonly string[] {
    return [...this.views].map(({ key }) => key);
  }

  /** Whether a configuration is in force. */
  get ready(): boolean {
    return this.store.ready;
  }

  /** Starts to listen to the source. */
  start(): void {
    if (isSnapshot(this.source)) {
      this.#take([this.source]);
      return;
    }
    if (isStore(this.source)) {
      const following = this.source.diffs$.subscribe((diff) => this.#accepted(diff, []));
      this.#unfollow.push(() => following.unsubscribe());
      this.#begin();
      return;
    }
    const { debounce } = this.options;
    const merged = this.source.pipe(debounce ? bursts(debounce) : map((snapshot) => [snapshot]));
    this.#subscription = merged.subscribe({
      next: (burst) => this.#take(burst),
      error: (error: unknown) => this.hooks.ended(this, error ?? new Error("the source failed without saying why")),
      complete: () => this.hooks.ended(this, undefined),
    });
  }

  /** The snapshot that is held, if there is one. */
  get held(): HeldSnapshot | undefined {
    return this.#hold.held;
  }

  /** Lets a held snapshot come into force. Returns whether one of that version was held. */
  release(version: string): boolean {
    const burst = this.#hold.release(version);
    if (burst !== undefined) this.#accept(burst);
    return burst !== undefined;
  }

  /** What it stands beside has become ready. */
  proceed(): void {
    const burst = this.#early;
    this.#early = [];
    if (burst.length > 0) this.#take(burst);
  }

  /** Takes the newest snapshot of a burst, unless it has to be looked at first. */
  #take(burst: readonly Snapshot[]): void {
    if (this.beside?.ready === false) {
      this.#early = [...this.#early, ...burst].slice(-MOST_VERSIONS);
      return;
    }
    const before = this.#hold.held;
    if (!this.#hold.holds(burst)) this.#accept(burst);
    else if (this.#hold.held !== before) this.hooks.held(this, this.#hold.held!);
  }

  #accept(burst: readonly Snapshot[]): void {
    const snapshot = burst.at(-1)!;
    let result: CommitResult;
    try {
      result = this.store.replace(snapshot);
    } catch (error) {
      const refusal = error instanceof InvalidSnapshotError ? error : new InvalidSnapshotError([notASnapshot(error)]);
      this.hooks.refused(this, refusal);
      return;
    }
    const { diff, warnings } = result;
    this.#hold.accepted(snapshot);
    // Who waits for one that was merged into a newer one has what it waits for with that.
    for (const { version } of burst.filter(isSnapshot)) {
      this.versions.delete(version);
      this.versions.set(version, diff.seq);
    }
    for (const old of this.versions.keys()) {
      if (this.versions.size <= MOST_VERSIONS) break;
      this.versions.delete(old);
    }
    this.#accepted(diff, warnings);
  }

  #accepted(diff: StoreDiff, warnings: readonly Problem[]): void {
    // What views have of their own comes into force with the beginning, and is told after this.
    this.hooks.accepted(this, diff, warnings);
    this.#begin();
  }

  /** Tells, once, that there is something to serve. */
  #begin(): void {
    if (this.#begun || !this.store.ready) return;
    this.#begun = true;
    this.hooks.begun(this);
  }

  close(): void {
    this.#subscription?.unsubscribe();
    for (const stop of this.#unfollow) stop();
    this.index.close();
  }
}

function notASnapshot(error: unknown): Problem {
  const message = `expected a snapshot: ${error instanceof Error ? error.message : String(error)}`;
  return { severity: "error", code: "invalid-resource", type: "", name: "", path: "", message };
}
