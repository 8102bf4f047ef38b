import type { ResourceType } from "@rxds/core";
import type { Cohort, NameSet } from "../fanout/name-set.js";
import type { TableIndex } from "../fanout/table-index.js";
import type { Backlog } from "./backlog.js";
import type { Acked, Flight } from "./flight.js";
import type { Quarantined, Rejection } from "./rejection.js";
import { RetainedIds } from "./retained-ids.js";
import type { XdsStream } from "./stream.js";
import { Trial } from "./trial.js";

/**
 * What one stream wants of one type, and how far it is. A cursor says that everything up to a commit was sent; what a cursor
 * can't say is in sparse exceptions, which normally do not exist.
 */
export class Subscription {
  /** Decides what the stream is sent: the names asked for, or with a wildcard everything that its view shows. */
  set: NameSet;
  /** The names asked for one by one, also beside a wildcard. */
  names: NameSet | undefined;
  wildcard = false;
  /** The wildcard came from a first request without names ("legacy"), and ends with the first name. */
  legacy = false;
  /** Everything up to this commit was sent, but for the backlog. */
  cursor = 0;
  /** Ids to be sent whatever the cursor says. */
  owed: RetainedIds | undefined;
  /** The rest of a large response. */
  backlog: Backlog | undefined;
  /** Delta: removals that wait until what may refer to the removed was sent. */
  late: RetainedIds | undefined;
  /** Delta: removals that were rejected: they go again with the next change. */
  again: RetainedIds | undefined;
  /** State of the world: the last response held what is gone, until what may refer to it was sent. */
  trim = false;
  /** Rejected content that goes again, in smaller parts. */
  trial: Trial | undefined;
  /** Ids whose content the client rejected: not sent until it changes. */
  quarantine: Map<number, Quarantined> | undefined;
  /** State of the world, a full state: what was rejected since the last acknowledgement. Clients may use it all the same. */
  doubtful: Set<number> | undefined;
  /** Ids whose time to live is to be renewed. */
  renewals: ReadonlySet<number> | undefined;
  /** Not acknowledged yet, oldest first. */
  flights: Flight[] = [];
  /** The nonce of the newest response; empty: there was none. */
  nonce = "";
  /** The next response goes out even when there is nothing in it. */
  mustAnswer = false;
  /** Repeated requests that were answered since the last change. */
  rewatches = 0;
  acked: Acked | undefined;
  rejected: Rejection | undefined;
  /** How often the client rejected something. */
  rejections = 0;

  /** Where it waits while idle. */
  cohort: Cohort | undefined;
  /** Its place in the cohort. */
  slot = -1;
  /** Waits for the send loop. */
  queued = false;
  closed = false;

  constructor(
    readonly stream: XdsStream,
    readonly index: TableIndex,
    set: NameSet,
  ) {
    this.set = set;
    index.subscriptions.add(this);
  }

  get type(): ResourceType {
    return this.index.type;
  }

  /** Whether there is news that others may have to wait for. */
  get urgent(): boolean {
    return this.set.touched > this.cursor || this.owed !== undefined || this.mustAnswer || this.backlog !== undefined;
  }

  /** Whether there may be something to send. */
  get pending(): boolean {
    return (
      this.urgent || this.late !== undefined || this.trim || this.trial !== undefined || this.renewals !== undefined
    );
  }

  /** Whether only a cursor tells it from others. */
  get plain(): boolean {
    return this.isOrdinary && this.owed === undefined && !this.mustAnswer && this.renewals === undefined;
  }

  /** Whether the client has accepted what it was sent, and nothing is held back. */
  get isOrdinary(): boolean {
    return (
      this.trial === undefined &&
      this.quarantine === undefined &&
      this.backlog === undefined &&
      this.late === undefined &&
      this.again === undefined &&
      !this.trim
    );
  }

  /** The commit whose removals it has all seen. */
  oldestCursor(seq: number): number {
    const cursor = this.set.touched <= this.cursor && this.backlog === undefined ? seq : this.cursor;
    return this.flights.length === 0 ? cursor : Math.min(cursor, this.flights[0]!.from);
  }

  /** Owes the client a name, existing or not, whatever it was sent before. */
  owe(id: number): void {
    this.owed ??= new RetainedIds(this.index.table);
    this.owed.add(id);
    // What is asked for anew is no longer held back.
    this.#dropTrial(id);
    this.#dropLate(id);
    this.release(id);
  }

  /** Everything owed was sent. */
  settleOwed(): void {
    this.owed?.clear();
    this.owed = undefined;
  }

  /** Sends a removal when nothing that may refer to the removed waits any more. */
  postpone(ids: Iterable<number>): void {
    for (const id of ids) {
      this.late ??= new RetainedIds(this.index.table);
      this.late.add(id);
    }
  }

  /** A removal was rejected. */
  retry(id: number): void {
    this.again ??= new RetainedIds(this.index.table);
    this.again.add(id);
  }

  /** All rejected removals were sent again. */
  settleAgain(): void {
    this.again?.clear();
    this.again = undefined;
  }

  /** All removals that waited were sent. */
  settleLate(): void {
    this.late?.clear();
    this.late = undefined;
  }

  /** Sends rejected content again, in these groups, as far as it is that of a commit. */
  tryAgain(groups: readonly (readonly number[])[], at: number): void {
    this.trial ??= new Trial(this.index.table);
    this.trial.add(groups, at);
    if (this.trial.over) this.trial = undefined;
  }

  /** The next group of the trial was sent. */
  shiftTrial(): void {
    this.trial?.shift();
    if (this.trial?.over) this.trial = undefined;
  }

  /** Times to live are to be renewed, of whatever the client holds of those. */
  renew(ids: ReadonlySet<number>): void {
    if (!this.stream.takesTtl) return;
    const mine = [...ids].filter((id) => this.set.resource(id) !== undefined);
    if (mine.length === 0) return;
    this.renewals = new Set([...(this.renewals ?? []), ...mine]);
    this.stream.hooks.loop.queue(this);
  }

  /** Keeps a resource from the client until its content changes. */
  hold(id: number, quarantined: Quarantined): void {
    this.quarantine ??= new Map();
    if (!this.quarantine.has(id)) this.index.table.retainId(id);
    this.quarantine.set(id, quarantined);
    this.#dropTrial(id);
  }

  /** Whether just this content of a name is not to be sent by itself: the client rejected it, or it waits for its trial. */
  isHeld(id: number): boolean {
    const changedAt = this.set.changedAt(id);
    return this.quarantine?.get(id)?.changedAt === changedAt || this.trial?.has(id, changedAt) === true;
  }

  /** The client does not want a name any more. */
  forget(id: number): void {
    this.owed?.delete(id);
    if (this.owed?.size === 0) this.owed = undefined;
    this.#dropTrial(id);
    this.#dropLate(id);
    this.release(id);
  }

  /** The wildcard is gone: what is not asked for by name is not wanted any more. */
  narrow(): void {
    for (const ids of [this.owed, this.late, this.again, this.trial?.ids(), this.quarantine?.keys()]) {
      for (const id of [...(ids ?? [])]) if (!this.set.members.has(id)) this.forget(id);
    }
  }

  /** Lets go of a name whose rejected content has changed, or that is asked for anew. */
  release(id: number): void {
    if (this.quarantine?.delete(id)) this.index.table.release(id);
    if (this.quarantine?.size === 0) this.quarantine = undefined;
  }

  /** The client accepted the content of a name that was on trial or kept from it. */
  vindicate(id: number): void {
    this.#dropTrial(id);
    this.release(id);
  }

  /** Ends quarantines and trials of content that has changed. */
  settleQuarantine(): void {
    if (this.set.touched > this.cursor) this.trial?.dropChanged((id) => this.set.changedAt(id));
    if (this.trial?.over) this.trial = undefined;
    for (const [id, { changedAt }] of this.quarantine ?? []) {
      if (this.set.changedAt(id) !== changedAt) this.release(id);
    }
  }

  #dropTrial(id: number): void {
    this.trial?.drop(id);
    if (this.trial?.over) this.trial = undefined;
  }

  #dropLate(id: number): void {
    this.late?.delete(id);
    if (this.late?.size === 0) this.late = undefined;
    this.again?.delete(id);
    if (this.again?.size === 0) this.again = undefined;
  }

  /** Moves to other names. The cursor stays: what is new has to be owed. */
  moveTo(set: NameSet): void {
    if (set === this.set) return;
    this.leave();
    this.set = set;
  }

  /** Waits, with nothing new in its set, for something to happen in it. */
  rest(): void {
    this.leave();
    // Nothing happened in the set since its last change: that commit is as good a cursor as any later one, and one where
    // all idle streams meet.
    this.cursor = this.set.touched;
    if (!this.plain || this.flights.length > 0) {
      this.set.exceptions.add(this);
      return;
    }
    const { cursor } = this;
    let cohort = this.set.cohorts.get(cursor);
    if (cohort === undefined) {
      cohort = { cursor, subscriptions: [] };
      this.set.cohorts.set(cursor, cohort);
    }
    this.cohort = cohort;
    this.slot = cohort.subscriptions.push(this) - 1;
  }

  /** Leaves the place where it rests. */
  leave(): void {
    this.set.exceptions.delete(this);
    const cohort = this.cohort;
    if (cohort === undefined) return;
    const last = cohort.subscriptions.pop()!;
    if (last !== this) {
      cohort.subscriptions[this.slot] = last;
      last.slot = this.slot;
    }
    if (cohort.subscriptions.length === 0) this.set.cohorts.delete(cohort.cursor);
    this.cohort = undefined;
    this.slot = -1;
  }

  /** Gives everything back. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.leave();
    this.settleOwed();
    this.settleLate();
    this.settleAgain();
    this.trial?.clear();
    this.trial = undefined;
    for (const id of this.quarantine?.keys() ?? []) this.index.table.release(id);
    this.quarantine = undefined;
    this.flights = [];
    if (this.names !== undefined) this.index.drop(this.names);
    this.names = undefined;
    this.index.subscriptions.delete(this);
  }
}
