import type { Resource } from "@rxds/core";
import { fieldSize, varintSize, writeBytes, writeHeader, writeString, writeVarint } from "./writer.js";

/**
 * A resource as it is written into an envoy.service.discovery.v3.Resource: version = 1, resource = 2, name = 3, aliases = 4,
 * ttl = 6.
 */
export interface WrappedResource {
  readonly name: string;
  /** Empty: left out. */
  readonly version: string;
  /** The encoded Any; undefined: a heartbeat, or a name of which there is nothing. */
  readonly body: Uint8Array | undefined;
  readonly aliases: readonly string[] | undefined;
  /** In ms; undefined: none is told. */
  readonly ttl: number | undefined;
}

/** A resource with everything but its time to live, which only some clients can take. */
export function withoutTtl({ name, version, body, aliases }: Resource): WrappedResource {
  return { name, version, body, aliases, ttl: undefined };
}

/** A heartbeat: it renews the time to live of what the client holds (xDS protocol, "TTL"). */
export function heartbeat({ name, version, ttl }: Resource): WrappedResource {
  return { name, version, body: undefined, aliases: undefined, ttl };
}

/** A name of which there is nothing, for types that want to hear of it in a resource (rule 58). */
export function bodiless(name: string): WrappedResource {
  return { name, version: "", body: undefined, aliases: [name], ttl: undefined };
}

/** The encoded size. */
export function resourceSize(resource: WrappedResource): number {
  const { name, version, body, aliases, ttl } = resource;
  let size = fieldSize(Buffer.byteLength(name));
  if (version !== "") size += fieldSize(version.length);
  if (body !== undefined) size += fieldSize(body.length);
  for (const alias of aliases ?? []) size += fieldSize(Buffer.byteLength(alias));
  if (ttl !== undefined) size += fieldSize(durationSize(ttl));
  return size;
}

/** Writes it and returns where it ends. */
export function writeResource(into: Buffer, at: number, resource: WrappedResource): number {
  const { name, version, body, aliases, ttl } = resource;
  if (version !== "") at = writeString(into, at, 1, version, version.length);
  if (body !== undefined) at = writeBytes(into, at, 2, body);
  at = writeString(into, at, 3, name, Buffer.byteLength(name));
  for (const alias of aliases ?? []) at = writeString(into, at, 4, alias, Buffer.byteLength(alias));
  if (ttl !== undefined) at = writeDuration(into, writeHeader(into, at, 6, durationSize(ttl)), ttl);
  return at;
}

/** google.protobuf.Duration: seconds = 1, nanos = 2. */
function parts(ms: number): { seconds: number; nanos: number } {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
}

function durationSize(ms: number): number {
  const { seconds, nanos } = parts(ms);
  return (seconds > 0 ? 1 + varintSize(seconds) : 0) + (nanos > 0 ? 1 + varintSize(nanos) : 0);
}

function writeDuration(into: Buffer, at: number, ms: number): number {
  const { seconds, nanos } = parts(ms);
  if (seconds > 0) {
    into[at++] = 1 << 3;
    at = writeVarint(into, at, seconds);
  }
  if (nanos > 0) {
    into[at++] = 2 << 3;
    at = writeVarint(into, at, nanos);
  }
  return at;
}
