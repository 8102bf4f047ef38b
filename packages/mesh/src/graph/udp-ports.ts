import { createHash } from "node:crypto";

/**
 * One port of a range for each key: where its hash falls, or the next free one. Depends on nothing but the set of keys, and
 * a key that is added moves another only where both fall on the same port. Keys that find no room are left out.
 */
export function udpPorts(keys: Iterable<string>, range: { readonly from: number; readonly to: number }) {
  const size = Math.max(0, range.to - range.from + 1);
  const ports = new Map<string, number>();
  const taken = new Set<number>();
  for (const key of [...new Set(keys)].sort()) {
    if (taken.size >= size) break;
    let port = range.from + (createHash("sha256").update(key).digest().readUInt32BE(0) % size);
    while (taken.has(port)) port = port === range.to ? range.from : port + 1;
    taken.add(port);
    ports.set(key, port);
  }
  return ports;
}
