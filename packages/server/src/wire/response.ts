import type { Resource } from "@rxds/core";
import { fieldSize, writeBytes, writeHeader, writeString } from "./writer.js";

/** Room behind a body for the nonce field: tag, length and at most 30 characters. */
const NONCE_ROOM = 32;

/**
 * A response without its nonce, built once and shared by every stream that it goes to.
 *
 * The nonce is the last field: it is written behind the shared bytes just before a transport copies them, see
 * {@link withNonce}.
 */
export interface Body {
  /** The shared bytes, with room for a nonce behind them. */
  readonly buffer: Buffer;
  /** The number of shared bytes. */
  readonly length: number;
}

/** DiscoveryResponse: version_info = 1, resources = 2, type_url = 4, nonce = 5. */
export function sotwBody(typeUrl: string, version: string, resources: readonly Resource[]): Body {
  let size = fieldSize(version.length) + fieldSize(typeUrl.length);
  for (const resource of resources) size += fieldSize(resource.body.length);
  const buffer = Buffer.allocUnsafeSlow(size + NONCE_ROOM);
  let at = writeString(buffer, 0, 1, version, version.length);
  for (const resource of resources) at = writeBytes(buffer, at, 2, resource.body);
  at = writeString(buffer, at, 4, typeUrl, typeUrl.length);
  return { buffer, length: at };
}

/** DeltaDiscoveryResponse: system_version_info = 1, resources = 2, type_url = 4, nonce = 5, removed_resources = 6. */
export function deltaBody(
  typeUrl: string,
  systemVersion: string,
  resources: readonly Resource[],
  removed: readonly string[],
): Body {
  let size = fieldSize(systemVersion.length) + fieldSize(typeUrl.length);
  const sizes = resources.map(resourceSize);
  for (const inner of sizes) size += fieldSize(inner);
  for (const name of removed) size += fieldSize(Buffer.byteLength(name));
  const buffer = Buffer.allocUnsafeSlow(size + NONCE_ROOM);
  let at = writeString(buffer, 0, 1, systemVersion, systemVersion.length);
  resources.forEach((resource, i) => {
    at = writeResource(buffer, writeHeader(buffer, at, 2, sizes[i]!), resource);
  });
  at = writeString(buffer, at, 4, typeUrl, typeUrl.length);
  for (const name of removed) at = writeString(buffer, at, 6, name, Buffer.byteLength(name));
  return { buffer, length: at };
}

/**
 * envoy.service.discovery.v3.Resource: version = 1, resource = 2, name = 3, aliases = 4. A ttl is not told as long as nothing
 * renews it: a client would drop the resource when it is over.
 */
function resourceSize(resource: Resource): number {
  const { version, body, name, aliases } = resource;
  let size = fieldSize(version.length) + fieldSize(body.length) + fieldSize(Buffer.byteLength(name));
  for (const alias of aliases ?? []) size += fieldSize(Buffer.byteLength(alias));
  return size;
}

function writeResource(into: Buffer, at: number, resource: Resource): number {
  const { version, body, name, aliases } = resource;
  at = writeString(into, at, 1, version, version.length);
  at = writeBytes(into, at, 2, body);
  at = writeString(into, at, 3, name, Buffer.byteLength(name));
  for (const alias of aliases ?? []) at = writeString(into, at, 4, alias, Buffer.byteLength(alias));
  return at;
}

/**
 * The complete message: the body with a nonce behind it. The result shares the body's memory and is valid only until the
 * next call for the same body: the caller copies it, or writes it out, at once.
 */
export function withNonce(body: Body, nonce: string): Buffer {
  const end = writeString(body.buffer, body.length, 5, nonce, nonce.length);
  return body.buffer.subarray(0, end);
}
