import type { Resource } from "@rxds/core";
import type { Dialect } from "../fanout/body-cache.js";
import { bodiless, heartbeat, resourceSize, type WrappedResource, withoutTtl, writeResource } from "./resource.js";
import { notFound } from "./resource-error.js";
import { fieldSize, writeBytes, writeHeader, writeString } from "./writer.js";

/** Room behind a body for the nonce field: tag, length and at most 30 characters. */
const NONCE_ROOM = 32;

/** What a state-of-the-world response wraps resources in that have a time to live (rule 57). */
const WRAPPER_URL = "type.googleapis.com/envoy.service.discovery.v3.Resource";

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

/** All that a response says. */
export interface ResponseParts {
  readonly typeUrl: string;
  /** `version_info`, or `system_version_info`. */
  readonly version: string;
  readonly resources: readonly Resource[];
  /** Resources whose time to live is renewed. */
  readonly renewals: readonly Resource[];
  /** Delta: names of which there is nothing, told by a resource without a body. */
  readonly absent: readonly string[];
  /** State of the world: names that were asked for and do not exist. */
  readonly unknown: readonly string[];
  /** Delta: names of what is gone. */
  readonly removed: readonly string[];
}

/** Builds a response in one of the dialects. */
export function buildBody(dialect: Dialect, parts: ResponseParts): Body {
  return dialect.startsWith("sotw")
    ? sotwBody(parts, dialect === "sotw-ttl")
    : deltaBody(parts, dialect === "delta-ttl");
}

/** DiscoveryResponse: version_info = 1, resources = 2, type_url = 4, nonce = 5, resource_errors = 7. */
function sotwBody({ typeUrl, version, resources, renewals, unknown }: ResponseParts, ttl: boolean): Body {
  const bodies = resources.map((resource) => (ttl && resource.ttl !== undefined ? wrap(resource) : resource.body));
  for (const resource of renewals) bodies.push(wrap(heartbeat(resource)));
  let size = fieldSize(version.length) + fieldSize(Buffer.byteLength(typeUrl));
  const errors = unknown.map(notFound);
  for (const body of bodies) size += fieldSize(body.length);
  for (const error of errors) size += fieldSize(error.length);
  const buffer = Buffer.allocUnsafeSlow(size + NONCE_ROOM);
  let at = writeString(buffer, 0, 1, version, version.length);
  for (const body of bodies) at = writeBytes(buffer, at, 2, body);
  at = writeString(buffer, at, 4, typeUrl, Buffer.byteLength(typeUrl));
  for (const error of errors) at = writeBytes(buffer, at, 7, error);
  return { buffer, length: at };
}

/** The Any of a wrapped resource: type_url = 1, value = 2. */
function wrap(resource: WrappedResource): Buffer {
  const size = resourceSize(resource);
  const buffer = Buffer.allocUnsafeSlow(fieldSize(WRAPPER_URL.length) + fieldSize(size));
  const at = writeString(buffer, 0, 1, WRAPPER_URL, WRAPPER_URL.length);
  writeResource(buffer, writeHeader(buffer, at, 2, size), resource);
  return buffer;
}

/** DeltaDiscoveryResponse: system_version_info = 1, resources = 2, type_url = 4, nonce = 5, removed_resources = 6. */
function deltaBody(parts: ResponseParts, ttl: boolean): Body {
  const { typeUrl, version, removed } = parts;
  const resources: readonly WrappedResource[] = [
    ...parts.resources.map((resource) => (ttl || resource.ttl === undefined ? resource : withoutTtl(resource))),
    ...parts.renewals.map(heartbeat),
    ...parts.absent.map(bodiless),
  ];
  const sizes = resources.map(resourceSize);
  let size = fieldSize(version.length) + fieldSize(Buffer.byteLength(typeUrl));
  for (const inner of sizes) size += fieldSize(inner);
  for (const name of removed) size += fieldSize(Buffer.byteLength(name));
  const buffer = Buffer.allocUnsafeSlow(size + NONCE_ROOM);
  let at = writeString(buffer, 0, 1, version, version.length);
  resources.forEach((resource, i) => {
    at = writeResource(buffer, writeHeader(buffer, at, 2, sizes[i]!), resource);
  });
  at = writeString(buffer, at, 4, typeUrl, Buffer.byteLength(typeUrl));
  for (const name of removed) at = writeString(buffer, at, 6, name, Buffer.byteLength(name));
  return { buffer, length: at };
}

/**
 * The complete message: the body with a nonce behind it. The result shares the body's memory and is valid only until the
 * next call for the same body: the caller copies it, or writes it out, at once.
 */
export function withNonce(body: Body, nonce: string): Buffer {
  const end = writeString(body.buffer, body.length, 5, nonce, nonce.length);
  return body.buffer.subarray(0, end);
}
