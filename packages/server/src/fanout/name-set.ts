import { addLanes, type Lanes, type Resource, resourceLanes, subtractLanes, type Table, ZERO_LANES } from "@rxds/core";
import type { Subscription } from "../stream/subscription.js";
import { ChangeLog } from "./change-log.js";
import { costs } from "./costs.js";
import { indexOf, type Members, type ScopeMembers } from "./members.js";

/** What changed in a set since a cursor: ids, ascending. */
export interface Changes {
  /** Resources to send. */
  readonly upserts: readonly number[];
  /** Names of which there is no resource (any more). */
  readonly missing: readonly number[];
}

/** Streams that are at the same point of the same set, and so are owed the same. */
export interface Cohort {
  readonly cursor: number;
  readonly subscriptions: Subscription[];
}

/**
 * Names that one or more streams subscribe to, and all that such streams share: the log of changes, the version, the
 * cohorts. A commit touches the sets that hold a changed name, never the streams.
 */
export class NameSet {
  /** The last change in the set. A stream whose cursor is not behind it has nothing to be sent. */
  touched: number;
  /** Waits for the send loop. */
  queued = false;
  /** Streams that hold this set. */
  holders = 0;
  /** Idle streams without exceptions, by cursor. */
  readonly cohorts = new Map<number, Cohort>();
  /** Idle streams with exceptions of their own. */
  readonly exceptions = new Set<Subscription>();
  /** Where equal lists of names were seen in a request, encoded: recognised by their bytes the next time. */
  raw: Buffer | undefined;
  readonly #log: ChangeLog;
  #lanes: Lanes | undefined;
  /** The last answers of {@link changesSince}: the same list is the same array, by which long bodies are shared. */
  #recent: { cursor: number; touched: number; changes: Changes } | undefined;
  #resources: { ids: readonly number[]; touched: number; resources: readonly Resource[] } | undefined;
  #whole: { cursor: number; touched: number; changes: Changes } | undefined;

  constructor(
    readonly table: Table,
    readonly members: Members,
    /** What the view shows of the type; undefined: everything. */
    readonly scope: ScopeMembers | undefined,
    /**
     * The names that were asked for one by one, as ids, ascending: one without a resource is to be reported. Undefined: the
     * set is everything that a view shows.
     */
    readonly listed: Int32Array | undefined,
    seq: number,
  ) {
    this.#log = new ChangeLog(seq);
    this.touched = seq;
  }

  /** Whether the set shows a name, existing or not. */
  shows(id: number): boolean {
    return this.members.has(id) && (this.scope === undefined || this.scope.has(id));
  }

  /** Whether a name was asked for itself, and not only by one that stands for it. */
  lists(id: number): boolean {
    return this.listed === undefined ? this.members.has(id) : indexOf(this.listed, id) >= 0;
  }

  /** The resources that a name stands for: its own, those that have it as an alias, those of the collection that it is. */
  meant(id: number): readonly number[] {
    const own = this.resource(id) === undefined ? [] : [id];
    const others = this.table.membersOf(id);
    if (others === undefined) return own;
    const found = [...others].filter((other) => other !== id && this.table.groupsOf(other).includes(id));
    return [...own, ...found.filter((other) => this.resource(other) !== undefined)];
  }

  /** The resource that the set shows of an id. */
  resource(id: number): Resource | undefined {
    return this.shows(id) ? this.table.resource(id) : undefined;
  }

  /** Notes a change. `before`, `after`: what the set showed and shows. */
  touch(seq: number, id: number, before: Resource | undefined, after: Resource | undefined): void {
    this.touched = seq;
    this.#log.push(seq, id, this.members.size);
    if (this.#lanes === undefined) return;
    if (before !== undefined) this.#lanes = subtractLanes(this.#lanes, resourceLanes(before));
    if (after !== undefined) this.#lanes = addLanes(this.#lanes, resourceLanes(after));
  }

  /** The sum over all that the set shows: its state-of-the-world version. Computed when first asked, then kept. */
  get lanes(): Lanes {
    if (this.#lanes === undefined) {
      let sum = ZERO_LANES;
      this.members.each((id) => {
        const resource = this.resource(id);
        if (resource !== undefined) sum = addLanes(sum, resourceLanes(resource));
      });
      this.#lanes = sum;
    }
    return this.#lanes;
  }

  /** What changed after `cursor`; 0: everything, for a client that has nothing. */
  changesSince(cursor: number): Changes {
    const known = cursor === 0 ? this.#whole : this.#recent;
    if (known?.cursor === cursor && known.touched === this.touched) return known.changes;
    const answer = { cursor, touched: this.touched, changes: this.#collect(cursor) };
    if (cursor === 0) this.#whole = answer;
    else this.#recent = answer;
    return answer.changes;
  }

  /** All that the set shows, as ids. */
  current(): readonly number[] {
    return this.changesSince(0).upserts;
  }

  /** The resources of ids of which there are some; the same list gives the same array. */
  resources(ids: readonly number[]): readonly Resource[] {
    const known = this.#resources;
    if (known?.ids === ids && known.touched === this.touched) return known.resources;
    const resources = ids.flatMap((id) => this.table.resource(id) ?? []);
    this.#resources = { ids, touched: this.touched, resources };
    return resources;
  }

  #collect(cursor: number): Changes {
    const upserts: number[] = [];
    const missing: number[] = [];
    const put = (id: number) => {
      costs.walked++;
      if (this.resource(id) !== undefined) upserts.push(id);
      else if (cursor > 0 ? !this.#standsForOthers(id) : this.listed !== undefined && this.#isUnmet(id))
        missing.push(id);
    };
    const logged = cursor > 0 ? this.#log.since(cursor) : undefined;
    if (logged !== undefined) {
      for (const id of logged) put(id);
      return { upserts, missing };
    }
    this.members.each((id) => {
      if (cursor === 0 || this.changedAt(id) > cursor) put(id);
    });
    return { upserts, missing };
  }

  /** Since when the set has shown the id's resource without a break. */
  shownSince(id: number): number {
    return Math.max(this.table.createdAt(id), this.members.movedAt(id), this.scope?.movedAt(id) ?? 0);
  }

  /** Whether a name without a resource was asked for, and stands for no other one. */
  #isUnmet(id: number): boolean {
    return this.lists(id) && this.meant(id).length === 0;
  }

  /** Whether a name never was a resource, and stands for one. */
  #standsForOthers(id: number): boolean {
    return this.table.changedAt(id) === 0 && this.meant(id).length > 0;
  }

  /** When what the set shows of an id last changed: its resource did, or it came into or left the view. */
  changedAt(id: number): number {
    return Math.max(this.table.changedAt(id), this.members.movedAt(id), this.scope?.movedAt(id) ?? 0);
  }
}
