import { type Observable, Subject } from "rxjs";
import { type ResourceItem, toResource } from "../resource/create-resource.js";
import { type Resource, sameResource } from "../resource/resource.js";
import { canonicalName } from "../resource/xdstp.js";
import { type CheckOptions, createChecker, type ResourceLookup } from "../snapshot/check.js";
import { type Diff, diff, isEmptyDiff } from "../snapshot/diff.js";
import { InvalidSnapshotError, type Problem } from "../snapshot/problem.js";
import type { ResourceKey, Snapshot } from "../snapshot/snapshot.js";
import {
  type Beside,
  type BesideOptions,
  createSequence,
  foreignTypes,
  lookupBeside,
  type Sequence,
} from "./beside.js";
import type { StoreReader } from "./reader.js";
import { MutableTable, type Table } from "./table.js";

/** A commit as data: a store can be followed from another process by applying these in order. */
export interface StoreDiff extends Diff {
  /** The commit's sequence number: larger than those of all commits before. */
  readonly seq: number;
}

/** What a commit did. */
export interface CommitResult {
  /** What changed; both lists are empty when nothing did, and then there was no commit. */
  readonly diff: StoreDiff;
  /** References that lead nowhere since this commit, when they are warnings. */
  readonly warnings: readonly Problem[];
}

/** What {@link Store.update} lends to its callback. */
export interface Transaction {
  /** Puts resources in, replacing those of the same type and name. */
  set(...items: readonly ResourceItem[]): void;
  /** Takes a resource out. Returns whether it was there. */
  delete(typeUrl: string, name: string): boolean;
  /** The resource of that type and name, as changed so far. */
  get(typeUrl: string, name: string): Resource | undefined;
}

/**
 * The current configuration, changed by commits. A single writer's structure: commits are synchronous and numbered, and
 * each costs O(changed).
 */
export interface Store extends ResourceLookup {
  /** The newest sequence number: of the last commit, or taken by `advance`. */
  readonly seq: number;
  /** Whether anything was committed yet. An empty first commit counts: "nothing" is a configuration too. */
  readonly ready: boolean;
  /** Every commit, from now on. */
  readonly diffs$: Observable<StoreDiff>;
  /**
   * Changes the configuration by hand, as one commit.
   * @throws InvalidSnapshotError when the result is not valid; nothing is changed then.
   */
  update(change: (transaction: Transaction) => void): CommitResult;
  /**
   * Applies a diff as one commit. What is equal to what is there already counts as no change.
   * @throws InvalidSnapshotError when the result is not valid; nothing is changed then.
   */
  apply(diff: Diff): CommitResult;
  /**
   * Makes the store hold exactly what the snapshot holds. Costs O(changed · log n) when the snapshot was made by `edit`
   * from the last one given here.
   * @throws InvalidSnapshotError when the snapshot is not valid; the last good state stays.
   */
  replace(snapshot: Snapshot): CommitResult;
  /** The resources of a type, with their ids. A type that has none gets an empty table. */
  table(typeUrl: string): Table;
  /** Lets go of a type's table, if there is nothing in it: nobody may use it any more. */
  forget(typeUrl: string): void;
  /** All tables. */
  tables(): Iterable<Table>;
  /** Takes a sequence number for a change outside of the store, such as that of a view's scope. */
  advance(): number;
  /** Lets a reader follow the commits; returns how to stop. */
  follow(reader: StoreReader): () => void;
}

/** Tombstones are looked at when there are this many, plus a quarter of the live resources. */
const COLLECT_AT = 256;

/** An empty store. */
export function createStore(options: CheckOptions = {}): Store {
  return new StoreImpl(options);
}

/**
 * An empty store that stands beside another one, for resources of a few types of its own. Its commits are numbered in the other
 * one's sequence, so that one number tells how far a reader of both is; `seq` and `advance` are the other one's. What its
 * resources name of other types is looked for in the other one, when they change.
 */
export function createStoreBeside(base: Store, options: BesideOptions): Store {
  return new StoreImpl(options, { base, types: new Set(options.types) });
}

/** Whether a value is a store made by {@link createStore} or {@link createStoreBeside}. */
export function isStore(value: unknown): value is Store {
  return value instanceof StoreImpl;
}

class StoreImpl implements Store {
  ready = false;
  readonly #diffs = new Subject<StoreDiff>();
  readonly diffs$ = this.#diffs.asObservable();
  readonly #tables = new Map<string, MutableTable>();
  readonly #checker;
  readonly #readers = new Set<StoreReader>();
  /** The snapshot that the store holds, when it came from one. */
  #snapshot: Snapshot | undefined;
  readonly #sequence: Sequence;

  constructor(
    options: CheckOptions,
    readonly beside?: Beside,
  ) {
    this.#checker = createChecker(options);
    this.#sequence = beside?.base ?? createSequence();
  }

  get seq(): number {
    return this.#sequence.seq;
  }

  get(typeUrl: string, name: string): Resource | undefined {
    const table = this.#tables.get(typeUrl);
    const id = table?.idOf(name);
    return id === undefined ? undefined : table!.resource(id);
  }

  table(typeUrl: string): MutableTable {
    let table = this.#tables.get(typeUrl);
    if (table === undefined) {
      table = new MutableTable(typeUrl);
      this.#tables.set(typeUrl, table);
    }
    return table;
  }

  forget(typeUrl: string): void {
    const table = this.#tables.get(typeUrl);
    if (table !== undefined && table.live === 0) this.#tables.delete(typeUrl);
  }

  tables(): Iterable<Table> {
    return this.#tables.values();
  }

  update(change: (transaction: Transaction) => void): CommitResult {
    const changed = new Map<string, Map<string, Resource | undefined>>();
    const put = (type: string, name: string, resource: Resource | undefined) => {
      let names = changed.get(type);
      if (names === undefined) {
        names = new Map();
        changed.set(type, names);
      }
      names.set(name, resource);
    };
    const get = (type: string, spelling: string) => {
      const name = canonicalName(spelling);
      const names = changed.get(type);
      return names?.has(name) ? names.get(name) : this.get(type, name);
    };
    change({
      get,
      set: (...items) => {
        for (const resource of items.map(toResource)) put(resource.type, resource.name, resource);
      },
      delete: (type, spelling) => {
        const name = canonicalName(spelling);
        const there = get(type, name) !== undefined;
        if (there) put(type, name, undefined);
        return there;
      },
    });
    const upserts: Resource[] = [];
    const removals: ResourceKey[] = [];
    for (const [type, names] of changed) {
      for (const [name, resource] of names) {
        if (resource === undefined) removals.push({ type, name });
        else upserts.push(resource);
      }
    }
    return this.apply({ upserts, removals });
  }

  apply(change: Diff): CommitResult {
    const result = this.#commit(this.#effective(change), []);
    this.#snapshot = undefined;
    return result;
  }

  replace(snapshot: Snapshot): CommitResult {
    const change = this.#snapshot ? diff(this.#snapshot, snapshot) : this.#effective(this.#against(snapshot));
    const result = this.#commit(change, snapshot.duplicates);
    this.#snapshot = snapshot;
    return result;
  }

  advance(): number {
    return this.#sequence.advance();
  }

  follow(reader: StoreReader): () => void {
    this.#readers.add(reader);
    return () => {
      this.#readers.delete(reader);
    };
  }

  /** The way from what the store holds, when that is no snapshot, to a snapshot. */
  #against(snapshot: Snapshot): Diff {
    const removals: ResourceKey[] = [];
    for (const table of this.#tables.values()) {
      for (let id = 0; id < table.capacity; id++) {
        const name = table.resource(id)?.name;
        if (name !== undefined && !snapshot.get(table.type, name)) removals.push({ type: table.type, name });
      }
    }
    return { upserts: [...snapshot.list()], removals };
  }

  /** The diff without what changes nothing. */
  #effective(change: Diff): Diff {
    const upserts = change.upserts.filter((resource) => {
      const before = this.get(resource.type, resource.name);
      return before === undefined || !sameResource(before, resource);
    });
    return { upserts, removals: change.removals.filter(({ type, name }) => this.get(type, name) !== undefined) };
  }

  #commit(change: Diff, duplicates: readonly ResourceKey[]): CommitResult {
    const after = this.#after(change);
    const lookup = this.beside === undefined ? after : lookupBeside(this.beside, after);
    const foreign = this.beside === undefined ? [] : foreignTypes(this.beside, change);
    const problems = [...foreign, ...this.#checker.check(change, this, lookup, duplicates)];
    if (problems.some((problem) => problem.severity === "error")) throw new InvalidSnapshotError(problems);
    if (isEmptyDiff(change) && this.ready) return { diff: { seq: this.seq, ...change }, warnings: problems };
    this.#checker.commit(change, this);
    this.ready = true;
    const seq = this.advance();
    const touched = new Map<MutableTable, { ids: number[]; before: (Resource | undefined)[] }>();
    const touch = (type: string, name: string, write: (table: MutableTable) => number) => {
      const table = this.table(type);
      let lists = touched.get(table);
      if (lists === undefined) {
        lists = { ids: [], before: [] };
        touched.set(table, lists);
      }
      lists.before.push(this.get(type, name));
      lists.ids.push(write(table));
    };
    for (const { type, name } of change.removals) touch(type, name, (table) => table.remove(name, seq));
    for (const resource of change.upserts) touch(resource.type, resource.name, (table) => table.put(resource, seq));
    const changes = [...touched].map(([table, lists]) => ({ table, ...lists }));
    for (const reader of this.#readers) reader.committed({ seq, changes });
    for (const table of touched.keys()) this.#collect(table);
    const result = { seq, ...change };
    this.#diffs.next(result);
    return { diff: result, warnings: problems };
  }

  /** What lookups will find after a change. */
  #after(change: Diff): ResourceLookup {
    const changed = new Map<string, Resource | undefined>();
    for (const { type, name } of change.removals) changed.set(`${type}\0${name}`, undefined);
    for (const resource of change.upserts) changed.set(`${resource.type}\0${resource.name}`, resource);
    return {
      get: (type, name) => {
        const key = `${type}\0${name}`;
        return changed.has(key) ? changed.get(key) : this.get(type, name);
      },
    };
  }

  #collect(table: MutableTable): void {
    if (this.#readers.size > 0 && table.tombstones < COLLECT_AT + table.live / 4) return;
    let oldest = this.seq;
    for (const reader of this.#readers) oldest = Math.min(oldest, reader.oldestCursor(table));
    table.collect(oldest);
  }
}
