/** A number as the key of a map, or a value: an id, or a place in an array. */
export function numberKey(number: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeUInt32LE(number);
  return key;
}

/** A cookie of a network namespace, or the id of a cgroup, as the key of a map. */
export function cookieKey(cookie: bigint): Buffer {
  const key = Buffer.alloc(8);
  key.writeBigUInt64LE(cookie);
  return key;
}

/** The only key of an array of one. */
export const FIRST: Buffer = numberKey(0);
