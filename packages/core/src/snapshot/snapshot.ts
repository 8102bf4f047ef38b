import { type ResourceItem, toResource } from "../resource/create-resource.js";
import type { Resource } from "../resource/resource.js";
import { addLanes, type Lanes, lanesVersion, resourceLanes, subtractLanes, ZERO_LANES } from "../resource/version.js";
import { canonicalName } from "../resource/xdstp.js";
import { deleteName, emptyNameMap, getName, type NameMap, type Owner, setName, valuesOf } from "./name-map.js";

/** A resource's identity. */
export interface ResourceKey {
  /** The type URL. */
  readonly type: string;
  /** The name. */
  readonly name: string;
}

/**
 * The whole configuration at one moment: an immutable set of resources. Made by {@link createSnapshot}, changed by
 * {@link edit}, which shares everything that did not change.
 */
export interface Snapshot {
  /** The number of resources. */
  readonly size: number;
  /** A content hash of the set: equal content, equal version, whatever the order or the process it was made in. */
  readonly version: string;
  /** The types of which there are resources. */
  readonly typeUrls: readonly string[];
  /** Names that were given more than once with different content. A server refuses a snapshot that has any. */
  readonly duplicates: readonly ResourceKey[];
  /** The resource of that type and name. */
  get(typeUrl: string, name: string): Resource | undefined;
  /** All resources of a type, or of every type, in an order that depends on names alone. */
  list(typeUrl?: string): IterableIterator<Resource>;
}

/** What {@link edit} lends to its callback. */
export interface Draft {
  /** Puts a resource in, replacing the one of that type and name. */
  set(...items: readonly ResourceItem[]): void;
  /** Takes a resource out. Returns whether it was there. */
  delete(typeUrl: string, name: string): boolean;
  /** The resource of that type and name, as edited so far. */
  get(typeUrl: string, name: string): Resource | undefined;
}

/** A snapshot of those resources. A message is encoded; a resource that exists already costs nothing. */
export function createSnapshot(items: Iterable<ResourceItem> = []): Snapshot {
  return edit(EMPTY, (draft) => {
    for (const item of items) (draft as DraftImpl).add(toResource(item));
  });
}

/**
 * The snapshot after some changes. Costs O(changed · log n): what is not touched is shared with the old one. When the
 * callback changes nothing, the same snapshot is returned; when it throws, the error passes through and nothing happened.
 */
export function edit(snapshot: Snapshot, change: (draft: Draft) => void): Snapshot {
  const draft = new DraftImpl(contentOf(snapshot));
  change(draft);
  return draft.finish();
}

/** The snapshot with other duplicates recorded: for operators that find them elsewhere. */
export function withDuplicates(snapshot: Snapshot, duplicates: readonly ResourceKey[]): Snapshot {
  if (duplicates.length === 0 && snapshot.duplicates.length === 0) return snapshot;
  return new SnapshotImpl(contentOf(snapshot).maps, contentOf(snapshot).lanes, duplicates);
}

/** A type's resources as a persistent map. */
export function nameMapOf(snapshot: Snapshot, typeUrl: string): NameMap<Resource> {
  return contentOf(snapshot).maps.get(typeUrl) ?? emptyNameMap();
}

type Maps = ReadonlyMap<string, NameMap<Resource>>;

class SnapshotImpl implements Snapshot {
  constructor(
    readonly maps: Maps,
    readonly lanes: Lanes,
    readonly duplicates: readonly ResourceKey[],
  ) {}

  get size(): number {
    let size = 0;
    for (const map of this.maps.values()) size += map.size;
    return size;
  }

  get version(): string {
    return lanesVersion(this.lanes);
  }

  get typeUrls(): readonly string[] {
    return [...this.maps.keys()];
  }

  get(typeUrl: string, name: string): Resource | undefined {
    const map = this.maps.get(typeUrl);
    return map && getName(map, canonicalName(name));
  }

  *list(typeUrl?: string): IterableIterator<Resource> {
    for (const [type, map] of this.maps) if (typeUrl === undefined || type === typeUrl) yield* valuesOf(map.root);
  }
}

const EMPTY: Snapshot = new SnapshotImpl(new Map(), ZERO_LANES, []);

/** Whether a value is a snapshot. */
export function isSnapshot(value: unknown): value is Snapshot {
  return value instanceof SnapshotImpl;
}

function contentOf(snapshot: Snapshot): SnapshotImpl {
  if (snapshot instanceof SnapshotImpl) return snapshot;
  throw new TypeError("expected a snapshot made by createSnapshot() or edit()");
}

class DraftImpl implements Draft {
  readonly #owner: Owner = {};
  readonly #before: SnapshotImpl;
  /** Copied from the snapshot when the first change comes. */
  #maps: Map<string, NameMap<Resource>> | undefined;
  #lanes: Lanes;
  #duplicates: ResourceKey[];

  constructor(before: SnapshotImpl) {
    this.#before = before;
    this.#lanes = before.lanes;
    this.#duplicates = [...before.duplicates];
  }

  set(...items: readonly ResourceItem[]): void {
    for (const item of items) this.#put(toResource(item));
  }

  /** Like `set`, but another resource of that name stays, and the name is recorded as a duplicate. */
  add(resource: Resource): void {
    if (this.get(resource.type, resource.name) === undefined) this.#put(resource);
    else this.#duplicates.push({ type: resource.type, name: resource.name });
  }

  get(typeUrl: string, name: string): Resource | undefined {
    const map = (this.#maps ?? this.#before.maps).get(typeUrl);
    return map && getName(map, canonicalName(name));
  }

  delete(typeUrl: string, spelling: string): boolean {
    const name = canonicalName(spelling);
    const before = this.get(typeUrl, name);
    if (before === undefined) return false;
    const maps = this.#editable();
    const map = deleteName(maps.get(typeUrl)!, name, this.#owner);
    if (map.size === 0) maps.delete(typeUrl);
    else maps.set(typeUrl, map);
    this.#lanes = subtractLanes(this.#lanes, resourceLanes(before));
    this.#resolve(typeUrl, name);
    return true;
  }

  finish(): Snapshot {
    const unchanged = this.#maps === undefined && this.#duplicates.length === this.#before.duplicates.length;
    return unchanged ? this.#before : new SnapshotImpl(this.#maps ?? this.#before.maps, this.#lanes, this.#duplicates);
  }

  #put(resource: Resource): void {
    const before = this.get(resource.type, resource.name);
    this.#resolve(resource.type, resource.name);
    if (before === resource) return;
    const maps = this.#editable();
    maps.set(resource.type, setName(maps.get(resource.type) ?? emptyNameMap(), resource, this.#owner));
    if (before !== undefined) this.#lanes = subtractLanes(this.#lanes, resourceLanes(before));
    this.#lanes = addLanes(this.#lanes, resourceLanes(resource));
  }

  #editable(): Map<string, NameMap<Resource>> {
    this.#maps ??= new Map(this.#before.maps);
    return this.#maps;
  }

  /** A name that is set or deleted by hand is no duplicate any more. */
  #resolve(type: string, name: string): void {
    if (this.#duplicates.length === 0) return;
    this.#duplicates = this.#duplicates.filter((key) => key.type !== type || key.name !== name);
  }
}
