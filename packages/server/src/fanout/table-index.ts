import { otherNames, type Resource, type ResourceType, resourceType, type Table, typeUrls } from "@rxds/core";
import { FormerListeners } from "../hitless/former-listeners.js";
import { FormerReferences } from "../hitless/former-references.js";
import { heldBack } from "../stream/held-back.js";
import type { Subscription } from "../stream/subscription.js";
import { BodyCache } from "./body-cache.js";
import { Contents } from "./contents.js";
import { costs } from "./costs.js";
import { hashIds } from "./hash-ids.js";
import { allMembers, listedMembers, type ScopeMembers } from "./members.js";
import { NameSet } from "./name-set.js";
import { Renewals } from "./renewals.js";
import { Sweep } from "./sweep.js";

/** Of more listeners that are gone, those are forgotten that everybody has heard of. */
const MOST_LISTENERS = 256;

/** Of more references that have ended, those are forgotten that everybody has heard of. */
const MOST_REFERENCES = 10_000;

/**
 * The fan-out of one type of one store: which sets hold a name. Sets of equal names are one object, counted by their
 * holders.
 */
export class TableIndex {
  readonly type: ResourceType;
  /** Every subscription to this type. */
  readonly subscriptions = new Set<Subscription>();
  readonly bodies: BodyCache;
  /** Every name of the store, for streams that see all of it. */
  readonly all: NameSet;
  /** Which clusters the resources of this type named, and name no more. */
  readonly former = new FormerReferences();
  /** What clients of the state of the world were sent lately, where a response is the full state. */
  readonly contents = new Contents();
  /** Listeners that are gone. */
  readonly lost = new FormerListeners();
  readonly #referencesSweep = new Sweep(MOST_REFERENCES);
  readonly #listenersSweep = new Sweep(MOST_LISTENERS);
  /** When times to live have to be renewed. */
  readonly ttl = new Renewals((ids) => this.#renew(ids));
  readonly #byId = new Map<number, Set<NameSet>>();
  readonly #interned = new Map<string, NameSet[]>();
  readonly #wild = new Map<ScopeMembers, NameSet>();

  constructor(
    readonly table: Table,
    seq: number,
  ) {
    this.type = resourceType(table.type);
    this.bodies = new BodyCache(this.type);
    this.all = new NameSet(table, allMembers(table), undefined, undefined, seq);
    for (let id = 0; id < table.capacity; id++) this.ttl.set(id, table.resource(id)?.ttl);
  }

  /** The set of everything that a scope shows. */
  wild(scope: ScopeMembers | undefined, seq: number): NameSet {
    if (scope === undefined) return this.all;
    let set = this.#wild.get(scope);
    if (set === undefined) {
      set = new NameSet(this.table, scope, undefined, undefined, seq);
      this.#wild.set(scope, set);
      for (const id of scope.ids()) this.#enter(id, set);
    }
    return set;
  }

  /** The set of those names. The caller holds it until {@link drop}. */
  intern(names: Iterable<string>, scope: ScopeMembers | undefined, seq: number): NameSet {
    const ids = new Set<number>();
    for (const name of names) {
      const id = this.table.retain(name);
      if (ids.has(id)) this.table.release(id);
      ids.add(id);
    }
    const set = this.#intern(Int32Array.from(ids).sort(), scope, seq);
    for (const id of ids) this.table.release(id);
    return set;
  }

  /** The set with some names more, and some ids less. The caller holds both until {@link drop}. */
  adjust(set: NameSet, more: Iterable<string>, less: ReadonlySet<number>, seq: number): NameSet {
    const added: number[] = [];
    for (const name of more) added.push(this.table.retain(name));
    const kept = listOf(set).filter((id) => !less.has(id));
    const ids = Int32Array.from(new Set([...added.filter((id) => !set.lists(id) || less.has(id)), ...kept]));
    const next = this.#intern(ids.sort(), set.scope, seq);
    for (const id of added) this.table.release(id);
    return next;
  }

  /** The one set of those ids, which are ascending and retained by the caller for now. */
  #intern(ids: Int32Array, scope: ScopeMembers | undefined, seq: number): NameSet {
    const key = hashIds(ids);
    const same = this.#interned.get(key)?.find((set) => set.scope === scope && equalIds(set, ids));
    if (same !== undefined) {
      same.holders++;
      return same;
    }
    const set = new NameSet(this.table, listedMembers(this.table, ids), scope, ids, seq);
    set.holders = 1;
    // Not later than anything in it: a stream that comes from other names has no news by that alone (rule 18).
    set.touched = 1;
    set.members.each((id) => {
      // What the view does not show changes for it only by coming and going.
      const at = set.shows(id) ? set.changedAt(id) : (scope?.movedAt(id) ?? 0);
      if (at > set.touched) set.touched = at;
    });
    this.#interned.set(key, [...(this.#interned.get(key) ?? []), set]);
    for (const id of ids) {
      this.table.retainId(id);
      this.#enter(id, set);
    }
    return set;
  }

  /** Gives back a set from {@link intern}. */
  drop(set: NameSet): void {
    const ids = set.listed;
    if (ids === undefined || --set.holders > 0) return;
    const key = hashIds(ids);
    const others = this.#interned.get(key)?.filter((other) => other !== set) ?? [];
    if (others.length > 0) this.#interned.set(key, others);
    else this.#interned.delete(key);
    for (const id of ids) {
      this.#leave(id, set);
      this.table.release(id);
    }
  }

  /** Forgets a view's scope. */
  dropScope(scope: ScopeMembers): void {
    const set = this.#wild.get(scope);
    this.#wild.delete(scope);
    if (set !== undefined) for (const id of scope.ids()) this.#leave(id, set);
  }

  /** Touches the sets that show a changed resource, and reports each that was touched. */
  touch(seq: number, id: number, before: Resource | undefined, touched: (set: NameSet) => void): void {
    const after = this.table.resource(id);
    const visit = (set: NameSet, was: Resource | undefined, is: Resource | undefined) => {
      costs.touched++;
      set.touch(seq, id, was, is);
      touched(set);
    };
    visit(this.all, before, after);
    if (before?.ttl !== after?.ttl) this.ttl.set(id, after?.ttl);
    const named = before?.references !== undefined || (this.former.size > 0 && after?.references !== undefined);
    if (named) this.#ended(seq, id, before, after);
    if (this.type.typeUrl === typeUrls.listener) this.#lose(seq, id, before, after);
    const groups = this.table.groupsOf(id);
    if (groups.length > 0 || before?.aliases !== undefined) this.#touchByGroups(id, before, after, visit);
    else for (const set of this.#byId.get(id) ?? []) if (set.shows(id)) visit(set, before, after);
  }

  /** As `touch`, for a resource that other names stand for, or stood for before: by them sets may gain or lose it. */
  #touchByGroups(
    id: number,
    before: Resource | undefined,
    after: Resource | undefined,
    visit: (set: NameSet, was: Resource | undefined, is: Resource | undefined) => void,
  ): void {
    const now = this.table.groupsOf(id);
    const then = before === undefined ? [] : otherNames(before).flatMap((name) => this.table.idOf(name) ?? []);
    for (const set of this.#setsOf(id, [...then, ...now])) {
      if (set.scope !== undefined && !set.scope.has(id)) continue;
      const lists = (one: number) => set.lists(one);
      const was = lists(id) || then.some(lists) ? before : undefined;
      const is = lists(id) || now.some(lists) ? after : undefined;
      if (was !== undefined || is !== undefined) visit(set, was, is);
    }
  }

  #lose(seq: number, id: number, before: Resource | undefined, after: Resource | undefined): void {
    this.lost.changed(seq, id, before, after);
    if (this.#listenersSweep.isDue(this.lost.size)) this.#forget(seq, this.lost, this.#listenersSweep);
  }

  #ended(seq: number, id: number, before: Resource | undefined, after: Resource | undefined): void {
    this.former.changed(seq, id, before, after);
    if (this.#referencesSweep.isDue(this.former.size)) this.#forget(seq, this.former, this.#referencesSweep);
  }

  /** Forgets what everybody has heard of. Where a newer version is kept from a client, it goes on with what it has. */
  #forget(seq: number, former: FormerListeners | FormerReferences, sweep: Sweep): void {
    const keep = new Set([...this.subscriptions].flatMap(heldBack));
    former.collect(this.oldestCursor(seq), keep);
    sweep.done(former.size);
  }

  /** Where a listener listens, or listened before it went. */
  addressesOf(id: number): readonly string[] {
    return (this.table.resource(id) ?? this.lost.of(id))?.traits?.addresses ?? [];
  }

  /** The sets that hold a name or one of those. */
  #setsOf(id: number, groups: readonly number[]): ReadonlySet<NameSet> {
    const sets = new Set<NameSet>(this.#byId.get(id));
    for (const group of groups) for (const set of this.#byId.get(group) ?? []) sets.add(set);
    return sets;
  }

  /** Lets a name enter or leave a scope, and touches the view's sets that hold it. */
  move(seq: number, id: number, scope: ScopeMembers, enters: boolean, touched: (set: NameSet) => void): void {
    const wild = this.#wild.get(scope);
    const resource = this.table.resource(id);
    if (enters) {
      scope.enter(id, seq);
      if (wild !== undefined) this.#enter(id, wild);
    } else {
      scope.leave(id, seq);
      if (wild !== undefined) this.#leave(id, wild);
    }
    // Nobody sees a name come or go that has no resource.
    if (resource === undefined) return;
    if (!enters) this.#ended(seq, id, resource, undefined);
    const visit = (set: NameSet) => {
      set.touch(seq, id, enters ? undefined : resource, enters ? resource : undefined);
      touched(set);
    };
    if (wild !== undefined) visit(wild);
    for (const set of this.#setsOf(id, this.table.groupsOf(id))) if (set !== wild && set.scope === scope) visit(set);
  }

  /** Lets every client that has to renew some of those, hear of it. */
  #renew(ids: ReadonlySet<number>): void {
    for (const subscription of this.subscriptions) subscription.renew(ids);
  }

  close(): void {
    this.ttl.close();
  }

  /** The oldest point of the history that any stream is at. */
  oldestCursor(seq: number): number {
    let oldest = seq;
    for (const subscription of this.subscriptions) oldest = Math.min(oldest, subscription.oldestCursor(seq));
    return oldest;
  }

  #enter(id: number, set: NameSet): void {
    const sets = this.#byId.get(id);
    if (sets === undefined) this.#byId.set(id, new Set([set]));
    else sets.add(set);
  }

  #leave(id: number, set: NameSet): void {
    const sets = this.#byId.get(id);
    sets?.delete(set);
    if (sets?.size === 0) this.#byId.delete(id);
  }
}

/** The ids of the names that a set was made of, ascending. */
function listOf(set: NameSet): Int32Array {
  return set.listed ?? new Int32Array();
}

function equalIds(set: NameSet, ids: Int32Array): boolean {
  const listed = listOf(set);
  return listed.length === ids.length && ids.every((id, i) => id === listed[i]);
}
