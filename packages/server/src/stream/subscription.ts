import type { ResourceType } from "@rxds/core";
import type { SharedBody } from "../fanout/body-cache.js";
import type { Cohort, NameSet } from "../fanout/name-set.js";
import type { TableIndex } from "../fanout/table-index.js";
import type { XdsStream } from "./stream.js";

/** A response that the client has neither acknowledged nor rejected. */
export interface Flight {
  readonly nonce: string;
  /** When it was handed to the transport, in ms of the monotonic clock. */
  readonly at: number;
  /** The stream's cursor before and after it. */
  readonly from: number;
  readonly to: number;
  /** What it said: ids, shared with all streams that got the same. */
  readonly content: SharedBody["content"];
}

/** A rejection, as data. */
export interface Rejection {
  /** The nonce of the rejected response. */
  readonly nonce: string;
  /** The gRPC status code that the client gave. */
  readonly code: number;
  /** The client's words, without what may be secret in them. */
  readonly detail: string;
  /** The resources that the client's words name and the response held. */
  readonly names: readonly string[];
  /** When, in ms since the epoch. */
  readonly at: number;
}

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
  /** Everything up to this commit was sent. */
  cursor = 0;
  /** Ids to be sent whatever the cursor says. */
  owed: Set<number> | undefined;
  /** Ids whose last response was rejected: they go again with the next change. Where the client stands is not known. */
  held: Set<number> | undefined;
  /** `held` waits for a change after this commit. */
  heldAt = 0;
  /** Ids that the client rejected by name, with the commit of the rejected content: not sent until it changes. */
  quarantine: Map<number, number> | undefined;
  /** Not acknowledged yet, oldest first. */
  flights: Flight[] = [];
  /** The nonce of the newest response; empty: there was none. */
  nonce = "";
  /** The next response goes out even when there is nothing in it. */
  mustAnswer = false;
  /** Repeated requests that were answered since the last change. */
  rewatches = 0;
  /** The newest acknowledged response: its version and the commit that it brought the client to. */
  acked: { readonly version: string; readonly seq: number } | undefined;
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

  /** Whether there may be something to send. */
  get pending(): boolean {
    return this.set.touched > this.cursor || this.owed !== undefined || this.mustAnswer;
  }

  /** Whether only a cursor tells it from others. */
  get plain(): boolean {
    return this.owed === undefined && this.held === undefined && this.quarantine === undefined && !this.mustAnswer;
  }

  /** The commit whose removals it has all seen. */
  oldestCursor(seq: number): number {
    const cursor = this.set.touched <= this.cursor ? seq : this.cursor;
    return this.flights.length === 0 ? cursor : Math.min(cursor, this.flights[0]!.from);
  }

  /** Owes the client a name, existing or not, whatever it was sent before. */
  owe(id: number): void {
    this.owed ??= new Set();
    if (this.owed.has(id)) return;
    this.owed.add(id);
    this.#retain(id);
    // What is asked for anew is no longer held back.
    this.#unhold(id);
    this.#release(id);
  }

  /** Everything owed was sent. */
  settleOwed(): void {
    for (const id of this.owed ?? []) this.index.table.release(id);
    this.owed = undefined;
  }

  /** Everything held was sent again. */
  settleHeld(): void {
    for (const id of this.held ?? []) this.index.table.release(id);
    this.held = undefined;
  }

  /** A response was rejected: its ids go again with the next change, without those that the client named. */
  reject(flight: Flight, culprits: ReadonlySet<number>): void {
    const { table } = this.index;
    for (const id of [...flight.content.upserts, ...flight.content.removals]) {
      // The name may be dropped, and even forgotten, since.
      if (table.nameOf(id) === undefined || !(this.wildcard || this.set.members.has(id))) continue;
      const changedAt = this.set.changedAt(id);
      if (culprits.has(id) && changedAt <= flight.to) {
        this.quarantine ??= new Map();
        if (!this.quarantine.has(id)) this.#retain(id);
        this.quarantine.set(id, changedAt);
      } else if (!this.held?.has(id)) {
        this.held ??= new Set();
        this.held.add(id);
        this.#retain(id);
      }
    }
    this.heldAt = flight.to;
  }

  /** Whether the client rejected just this content by name. */
  isQuarantined(id: number): boolean {
    const at = this.quarantine?.get(id);
    return at !== undefined && at === this.set.changedAt(id);
  }

  /** The client does not want a name any more. */
  forget(id: number): void {
    if (this.owed?.delete(id)) this.index.table.release(id);
    if (this.owed?.size === 0) this.owed = undefined;
    this.#unhold(id);
    this.#release(id);
  }

  /** The wildcard is gone: what is not asked for by name is not wanted any more. */
  narrow(): void {
    for (const ids of [this.owed, this.held, this.quarantine?.keys()]) {
      for (const id of [...(ids ?? [])]) if (!this.set.members.has(id)) this.forget(id);
    }
  }

  /** Lets go of a name whose rejected content has changed, or that is asked for anew. */
  #release(id: number): void {
    if (this.quarantine?.delete(id)) this.index.table.release(id);
    if (this.quarantine?.size === 0) this.quarantine = undefined;
  }

  #unhold(id: number): void {
    if (this.held?.delete(id)) this.index.table.release(id);
    if (this.held?.size === 0) this.held = undefined;
  }

  /** Ends quarantines whose content has changed. */
  settleQuarantine(): void {
    for (const [id, at] of this.quarantine ?? []) if (this.set.changedAt(id) !== at) this.#release(id);
  }

  /** Moves to other names. The cursor stays: what is new has to be owed. */
  moveTo(set: NameSet): void {
    if (set === this.set) return;
    this.leave();
    this.set = set;
  }

  /** Waits, with nothing pending, for something to happen in its set. */
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
    this.settleHeld();
    for (const id of this.quarantine?.keys() ?? []) this.index.table.release(id);
    this.quarantine = undefined;
    this.flights = [];
    if (this.names !== undefined) this.index.drop(this.names);
    this.names = undefined;
    this.index.subscriptions.delete(this);
  }

  #retain(id: number): void {
    this.index.table.retain(this.index.table.nameOf(id)!);
  }
}
