import type { Resource, ResourceType } from "@rxds/core";
import { type Body, buildBody } from "../wire/response.js";
import { costs } from "./costs.js";
import type { NameSet } from "./name-set.js";

/** The two variants of the protocol. */
export type Protocol = "sotw" | "delta";

/** How bodies are written: the protocol, and whether the client understands a time to live. */
export type Dialect = Protocol | "sotw-ttl" | "delta-ttl";

/** What a response says. */
export interface Content {
  /** Ids of the resources in it. */
  readonly upserts: readonly number[];
  /** Ids of the names that it says are gone; empty in state of the world. */
  readonly removals: readonly number[];
  /** Ids of names of which it says, by a resource without a body, that there is nothing. Default: none. */
  readonly absent?: readonly number[];
  /** State of the world: ids of names that were asked for and do not exist. Default: they are not told. */
  readonly unknown?: readonly number[];
  /** Ids of resources whose time to live it renews. Default: none. */
  readonly renewals?: readonly number[];
  /** The resources, when they are not the set's current ones. The version tells them apart from all others. */
  readonly resources?: readonly Resource[];
  /** `version_info`, or `system_version_info`. */
  readonly version: string;
}

/** A body and what is in it. */
export interface SharedBody extends Body {
  readonly content: Content;
  /** The resources in it. */
  readonly resources: readonly Resource[];
}

/** Bodies are dropped, oldest first, beyond this many bytes. */
const MOST_BYTES = 4 << 20;
/** Longer lists are recognised by being the same array only: comparing them would cost as much as building the body. */
const LONGEST_KEY = 64;

const NONE: readonly number[] = [];

/**
 * Response bodies of one type, shared by all streams whose responses say the same, whatever cursor or set they come from.
 */
export class BodyCache {
  readonly #byKey = new Map<string, SharedBody>();
  /** By the list itself: a set makes it once for all its streams, and anew after a change. */
  readonly #byList = new Map<Dialect, WeakMap<readonly number[], SharedBody>>();
  #bytes = 0;

  constructor(readonly type: ResourceType) {}

  /** The body that says this of a set's resources. */
  get(dialect: Dialect, set: NameSet, content: Content): SharedBody {
    const { upserts, removals, absent = NONE, unknown = NONE, renewals = NONE, resources } = content;
    if (resources !== undefined) return this.#explicit(dialect, set, content, resources);
    const lists = this.#lists(dialect);
    const known = lists.get(upserts);
    if (known !== undefined && sameContent(known.content, content)) return known;
    const long = upserts.length + removals.length + absent.length + unknown.length + renewals.length > LONGEST_KEY;
    const body = long
      ? this.#build(dialect, set, content)
      : this.#keyed(keyOf(dialect, set, content), dialect, set, content);
    lists.set(upserts, body);
    return body;
  }

  /** What is not the set's current content. The version says it all where it is that of a full state. */
  #explicit(dialect: Dialect, set: NameSet, content: Content, resources: readonly Resource[]): SharedBody {
    const { removals, unknown = NONE, version } = content;
    // Whom it tells of unknown names is not in its version.
    if (unknown.length > 0) return this.#build(dialect, set, content);
    if (dialect.startsWith("sotw") && this.type.fullState) {
      const body = this.#keyed(`${dialect} ${version} whole`, dialect, set, content);
      // The same full state may hold what is current, or what is gone and stays for now.
      return { ...body, content: { ...content, resources: body.resources } };
    }
    if (resources.length + removals.length > LONGEST_KEY) return this.#build(dialect, set, content);
    const said = resources.map((resource) => `${resource.version} ${JSON.stringify(resource.name)}`);
    return this.#keyed(`${keyOf(dialect, set, content)} = ${said.join(" ")}`, dialect, set, content);
  }

  #lists(dialect: Dialect): WeakMap<readonly number[], SharedBody> {
    let lists = this.#byList.get(dialect);
    if (lists === undefined) {
      lists = new WeakMap();
      this.#byList.set(dialect, lists);
    }
    return lists;
  }

  #keyed(key: string, dialect: Dialect, set: NameSet, content: Content): SharedBody {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const body = this.#build(dialect, set, content);
    this.#byKey.set(key, body);
    this.#bytes += body.length;
    for (const [old, { length }] of this.#byKey) {
      if (this.#bytes <= MOST_BYTES || old === key) break;
      this.#byKey.delete(old);
      this.#bytes -= length;
    }
    return body;
  }

  #build(dialect: Dialect, set: NameSet, content: Content): SharedBody {
    const { table } = set;
    const names = (ids: readonly number[] = NONE) => ids.flatMap((id) => table.nameOf(id) ?? []);
    const resources = content.resources ?? set.resources(content.upserts);
    const body = buildBody(dialect, {
      typeUrl: this.type.typeUrl,
      version: content.version,
      resources,
      renewals: content.renewals === undefined ? [] : set.resources(content.renewals),
      absent: names(content.absent),
      unknown: names(content.unknown),
      removed: names(content.removals),
    });
    costs.bodies++;
    costs.bodyBytes += body.length;
    return { ...body, content, resources };
  }
}

/** Tells short contents apart: by their ids and the commits of what they stand for. */
function keyOf(dialect: Dialect, { table }: NameSet, content: Content): string {
  let key = `${dialect} ${content.version}`;
  for (const id of content.upserts) key += ` ${id}:${table.changedAt(id)}`;
  for (const id of content.renewals ?? NONE) key += ` ~${id}:${table.changedAt(id)}`;
  const named = (sign: string, id: number) => {
    // A name that never was has no number to tell it from the next one that gets its id.
    const at = table.changedAt(id);
    key += ` ${sign}${id}:${at > 0 ? at : JSON.stringify(table.nameOf(id))}`;
  };
  for (const id of content.removals) named("-", id);
  for (const id of content.absent ?? NONE) named("?", id);
  for (const id of content.unknown ?? NONE) named("!", id);
  return key;
}

/** Whether two contents with the same list of upserts are the same. */
function sameContent(a: Content, b: Content): boolean {
  return (
    a.version === b.version &&
    equalIds(a.removals, b.removals) &&
    equalIds(a.absent ?? NONE, b.absent ?? NONE) &&
    equalIds(a.unknown ?? NONE, b.unknown ?? NONE) &&
    equalIds(a.renewals ?? NONE, b.renewals ?? NONE)
  );
}

function equalIds(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((id, i) => id === b[i]));
}
