import { resourceSize, type XdsResource } from "../resource.js";
import type { Answer } from "./answers.js";
import type { XdsResourceError } from "./messages.js";
import { WILDCARD } from "./messages.js";

/**
 * The client's side of one type's sub-stream: what is wanted, what is held, and what must still be told to the server.
 * In an aggregated stream every type has its own, independent of all others. Data only: the functions of this folder
 * change it; none of them knows of a network, a clock or a timer.
 */
export interface SubStream {
  readonly typeUrl: string;
  readonly limits: SubStreamLimits;
  /** The names that are subscribed to, `*` among them. Outlives streams. */
  readonly wanted: Set<string>;
  /** The resources of accepted responses, by name. Each matches a wanted name. Outlives streams. */
  readonly held: Map<string, XdsResource>;
  /** Held resources of responses that are not acknowledged: somebody has yet to confirm them, or would not. */
  readonly unconfirmed: Map<string, XdsResource>;
  /** Which held resources go by an alias. */
  readonly owners: Map<string, Set<string>>;
  /** Wanted names for which the server said that there is no resource. */
  readonly missing: Set<string>;
  /** The server's last error for a wanted name. */
  readonly errors: Map<string, XdsResourceError>;
  /** When held resources with a time to live expire, by the caller's clock. */
  readonly expiries: Map<string, number>;
  /** Nothing expires before this time: the earliest of them, or earlier. Infinity when nothing can expire. */
  soonest: number;
  /** The sum of the sizes of what is held. */
  bytes: number;
  /** True when a response was accepted after `*` was subscribed to. */
  wildcardAnswered: boolean;
  /** What the present stream knows; undefined until the type's first request is on it. */
  stream: StreamState | undefined;
}

/** How much a server can make one type hold. */
export interface SubStreamLimits {
  readonly resources: number;
  readonly bytes: number;
}

/** The part of a sub-stream that ends with its stream. */
export interface StreamState {
  /** The names that the server was told. */
  readonly told: Set<string>;
  /** Names to subscribe to in the next request, also such that the server was told before. */
  readonly subscribe: Set<string>;
  /** Names to unsubscribe from in the next request. */
  readonly unsubscribe: Set<string>;
  /** Answers that are still to be sent, oldest first. */
  readonly answers: Answer[];
}

/** An empty sub-stream. */
export function createSubStream(typeUrl: string, limits: SubStreamLimits): SubStream {
  return {
    typeUrl,
    limits,
    wanted: new Set(),
    held: new Map(),
    unconfirmed: new Map(),
    owners: new Map(),
    missing: new Set(),
    errors: new Map(),
    expiries: new Map(),
    soonest: Number.POSITIVE_INFINITY,
    bytes: 0,
    wildcardAnswered: false,
    stream: undefined,
  };
}

/** True when a resource of this name and these aliases matches a subscription. */
export function isWanted(sub: SubStream, name: string, aliases: readonly string[]): boolean {
  return sub.wanted.has(WILDCARD) || sub.wanted.has(name) || aliases.some((alias) => sub.wanted.has(alias));
}

/** The held resources that go by a name, be it their own or an alias. */
export function heldBy(sub: SubStream, name: string): XdsResource[] {
  const names = new Set(sub.owners.get(name));
  if (sub.held.has(name)) names.add(name);
  return [...names].flatMap((each) => sub.held.get(each) ?? []);
}

/** True when the server has told what it has under a wanted name: a resource, nothing, or an error. */
export function isAnswered(sub: SubStream, name: string): boolean {
  if (name === WILDCARD) return sub.wildcardAnswered;
  return sub.held.has(name) || sub.owners.has(name) || sub.missing.has(name) || sub.errors.has(name);
}

/** Holds a resource in the place of the one of that name. */
export function hold(sub: SubStream, resource: XdsResource): void {
  drop(sub, resource.name);
  sub.held.set(resource.name, resource);
  sub.bytes += resourceSize(resource);
  for (const alias of resource.aliases) {
    const owners = sub.owners.get(alias);
    if (owners === undefined) sub.owners.set(alias, new Set([resource.name]));
    else owners.add(resource.name);
  }
}

/** Stops holding a resource. Returns it if it was held. */
export function drop(sub: SubStream, name: string): XdsResource | undefined {
  const resource = sub.held.get(name);
  sub.expiries.delete(name);
  sub.unconfirmed.delete(name);
  if (resource === undefined) return undefined;
  sub.held.delete(name);
  sub.bytes -= resourceSize(resource);
  for (const alias of resource.aliases) {
    const owners = sub.owners.get(alias);
    owners?.delete(name);
    if (owners?.size === 0) sub.owners.delete(alias);
  }
  return resource;
}
