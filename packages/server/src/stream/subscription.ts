import type { Resource, ResourceType } from "@rxds/core";
import type { Cohort, NameSet } from "../fanout/name-set.js";
import type { TableIndex } from "../fanout/table-index.js";
import type { Revived } from "../hitless/revive.js";
import type { Waiting } from "../hitless/waiting.js";
import type { Backlog } from "./backlog.js";
import type { Acked, Flight } from "./flight.js";
import type { Quarantined, Rejection } from "./rejection.js";
import { leave, rest } from "./resting.js";
import { RetainedIds, replaced } from "./retained-ids.js";
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
  /** The client came back with versions of before, and has not accepted all news since: what it holds is older than the cursor. */
  resumed = false;
  /** Ids to be sent whatever the cursor says. */
  owed: RetainedIds | undefined;
  /** The rest of a large response. */
  backlog: Backlog | undefined;
  /** Delta: removals that wait until what may refer to the removed was sent. */
  late: RetainedIds | undefined;
  /** Listeners that are gone and that the client gets back, since it rejected what takes their place. */
  readonly revived = new Map<number, Revived>();
  /** What waits for clusters that the client has to accept first. */
  gated: RetainedIds | undefined;
  /** How each of those waits. */
  readonly waiting = new Map<number, Waiting>();
  /** Delta: removals that were rejected: they go again with the next change. */
  again: RetainedIds | undefined;
  /** State of the world: the last response held what is gone, until what may refer to it was sent. */
  trim = false;
  /** Rejected content that goes again, in smaller parts. */
  trial: Trial | undefined;
  /** Ids whose content the client rejected: not sent until it changes. */
  quarantine: Map<number, Quarantined> | undefined;
  /** Names that the client rejected and has not accepted since, with the number of that response: it may use them all the same. */
  doubtful: Map<string, number> | undefined;
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
  /** The full state that the client rejected last, without what it named. Most of it the client uses all the same. */
  refused: readonly Resource[] | undefined;
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
      this.urgent ||
      this.late !== undefined ||
      this.gated !== undefined ||
      this.revived.size > 0 ||
      this.trim ||
      this.trial !== undefined ||
      this.renewals !== undefined
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
      this.gated === undefined &&
      this.revived.size === 0 &&
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
    // A removal that waits is the answer, and still waits.
    if (this.set.resource(id) !== undefined) this.#dropLate(id);
    this.release(id);
  }

  /** Everything owed was sent. */
  settleOwed(): void {
    this.owed?.clear();
    this.owed = undefined;
  }

  /** Those removals, and no others, wait until nothing may refer to the removed any more. */
  postpone(ids: readonly number[]): void {
    this.late = replaced(this.index.table, this.late, ids);
  }

  /** Those, and no others, wait for clusters. */
  gate(ids: readonly number[]): void {
    this.gated = replaced(this.index.table, this.gated, ids);
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
    for (const ids of [this.owed, this.late, this.gated, this.again, this.trial?.ids(), this.quarantine?.keys()]) {
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
    this.gated?.delete(id);
    if (this.gated?.size === 0) this.gated = undefined;
  }

  /** Moves to other names. The cursor stays: what is new has to be owed. */
  moveTo(set: NameSet): void {
    if (set === this.set) return;
    this.leave();
    this.set = set;
  }

  /** Waits, with nothing new in its set, for something to happen in it. */
  rest(): void {
    rest(this);
  }

  /** Leaves the place where it rests. */
  leave(): void {
    leave(this);
  }

  /** Gives everything back. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.leave();
    this.settleOwed();
    this.late?.clear();
    this.late = undefined;
    this.gated?.clear();
    this.gated = undefined;
    for (const id of this.revived.keys()) this.index.table.release(id);
    this.revived.clear();
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
