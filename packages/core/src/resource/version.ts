import { hash } from "node:crypto";

/** 128 bits as four unsigned 32-bit lanes. Sums of lanes, each modulo 2^32, do not depend on an order. */
export type Lanes = readonly [number, number, number, number];

/** What of a resource a client would notice. */
export interface Versioned {
  /** Of its content. */
  readonly version: string;
  /** Its name. */
  readonly name: string;
  /** In milliseconds; undefined: none. */
  readonly ttl: number | undefined;
  /** Its other names. */
  readonly aliases: readonly string[] | undefined;
}

/** The sum of nothing. */
export const ZERO_LANES: Lanes = [0, 0, 0, 0];

/**
 * A resource's version: the first 128 bits of SHA-256 over its encoded `google.protobuf.Any` (type URL and value), as 22
 * characters of base64url.
 */
export function contentVersion(body: Uint8Array): string {
  return hash("sha256", body, "buffer").toString("base64url", 0, 16);
}

/** The values of base64url characters, by character code. */
const SEXTETS = new Uint8Array(128);
for (const [i, char] of [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].entries()) {
  SEXTETS[char.charCodeAt(0)] = i;
}

/**
 * What one resource adds to the version of a set: all that a client would notice of it. The version's own bits, mixed with
 * name, ttl and aliases, so that equal content under two names counts twice.
 */
export function resourceLanes(resource: Versioned): Lanes {
  const { version, name, ttl, aliases } = resource;
  const rest = `${name}\0${ttl ?? ""}${aliases === undefined ? "" : `\0${aliases.join("\0")}`}`;
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < rest.length; i++) {
    const code = rest.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x5bd1e995) ^ (b >>> 15);
  }
  const word = (at: number): number => {
    let value = 0;
    for (let i = at; i < at + 5; i++) value = (value << 6) | SEXTETS[version.charCodeAt(i) & 127]!;
    return value;
  };
  // Five characters are 30 bits: the last two characters fill up the lanes.
  const tail = (SEXTETS[version.charCodeAt(20) & 127]! << 6) | SEXTETS[version.charCodeAt(21) & 127]!;
  return [
    mix(word(0) ^ (tail << 20) ^ a),
    mix(word(5) ^ (tail << 22) ^ b),
    mix(word(10) ^ (tail << 24) ^ Math.imul(a, 0x85ebca6b)),
    mix(word(15) ^ (tail << 26) ^ Math.imul(b, 0xc2b2ae35)),
  ];
}

/** Spreads every bit over all others: sums of what comes out say nothing of sums of what went in. */
function mix(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** a + b */
export function addLanes(a: Lanes, b: Lanes): Lanes {
  return [(a[0] + b[0]) >>> 0, (a[1] + b[1]) >>> 0, (a[2] + b[2]) >>> 0, (a[3] + b[3]) >>> 0];
}

/** a - b */
export function subtractLanes(a: Lanes, b: Lanes): Lanes {
  return [(a[0] - b[0]) >>> 0, (a[1] - b[1]) >>> 0, (a[2] - b[2]) >>> 0, (a[3] - b[3]) >>> 0];
}

/** The lanes as 22 characters of base64url: never empty, equal on every replica. */
export function lanesVersion(lanes: Lanes): string {
  const bytes = Buffer.allocUnsafe(16);
  lanes.forEach((lane, i) => {
    bytes.writeUInt32LE(lane, i * 4);
  });
  return bytes.toString("base64url", 0, 16);
}
