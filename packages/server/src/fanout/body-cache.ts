import type { Resource, ResourceType } from "@rxds/core";
import { type Body, deltaBody, sotwBody } from "../wire/response.js";
import { costs } from "./costs.js";
import type { NameSet } from "./name-set.js";

/** The two variants of the protocol. */
export type Protocol = "sotw" | "delta";

/** What a response says. */
export interface Content {
  /** Ids of the resources in it, ascending. */
  readonly upserts: readonly number[];
  /** Ids of the names that it says are gone; empty in state of the world. */
  readonly removals: readonly number[];
  /** `version_info`, or `system_version_info`. */
  readonly version: string;
}

/** A body and what is in it. */
export interface SharedBody extends Body {
  readonly content: Content;
}

/** Bodies are dropped, oldest first, beyond this many bytes. */
const MOST_BYTES = 4 << 20;
/** Longer lists are recognised by being the same array only: comparing them would cost as much as building the body. */
const LONGEST_KEY = 64;

/**
 * Response bodies of one type, shared by all streams whose responses say the same, whatever cursor or set they come from.
 */
export class BodyCache {
  readonly #byKey = new Map<string, SharedBody>();
  /** By the list itself: a set makes it once for all its streams, and anew after a change. */
  readonly #byList = {
    sotw: new WeakMap<readonly number[], SharedBody>(),
    delta: new WeakMap<readonly number[], SharedBody>(),
  };
  #bytes = 0;

  constructor(readonly type: ResourceType) {}

  /** The body that says this of a set's resources. */
  get(protocol: Protocol, set: NameSet, content: Content): SharedBody {
    const { upserts, removals, version } = content;
    const known = this.#byList[protocol].get(upserts);
    if (known?.content.version === version && equalIds(known.content.removals, removals)) return known;
    const long = upserts.length + removals.length > LONGEST_KEY;
    const body = long ? this.#build(protocol, set, content) : this.#short(protocol, set, content);
    this.#byList[protocol].set(upserts, body);
    return body;
  }

  #short(protocol: Protocol, set: NameSet, content: Content): SharedBody {
    const { table } = set;
    let key = `${protocol} ${content.version}`;
    for (const id of content.upserts) key += ` ${id}:${table.changedAt(id)}`;
    for (const id of content.removals) {
      // A name that never was has no number to tell it from the next one that gets its id.
      const at = table.changedAt(id);
      key += ` -${id}:${at > 0 ? at : JSON.stringify(table.nameOf(id))}`;
    }
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const body = this.#build(protocol, set, content);
    this.#byKey.set(key, body);
    this.#bytes += body.length;
    for (const [old, { length }] of this.#byKey) {
      if (this.#bytes <= MOST_BYTES || old === key) break;
      this.#byKey.delete(old);
      this.#bytes -= length;
    }
    return body;
  }

  #build(protocol: Protocol, set: NameSet, content: Content): SharedBody {
    const { table } = set;
    const { typeUrl } = this.type;
    const resources: Resource[] = [];
    for (const id of content.upserts) {
      const resource = table.resource(id);
      if (resource !== undefined) resources.push(resource);
    }
    const body =
      protocol === "sotw"
        ? sotwBody(typeUrl, content.version, resources)
        : deltaBody(
            typeUrl,
            content.version,
            resources,
            content.removals.flatMap((id) => table.nameOf(id) ?? []),
          );
    costs.bodies++;
    costs.bodyBytes += body.length;
    return { ...body, content };
  }
}

function equalIds(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((id, i) => id === b[i]));
}
