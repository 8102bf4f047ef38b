import { RedirectError } from "../errors.js";
import { BpfError, type BpfMap } from "../kernel/bpf-maps.js";

/**
 * Writes to a map, and tells of one that is full in words.
 *
 * @param need how many entries should be in it
 * @param what what its entries are
 * @throws RedirectError `full`
 */
export function withRoom(map: BpfMap, need: number, what: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    if (!(cause instanceof BpfError) || cause.errno !== "E2BIG") throw cause;
    const capacity = map.maxEntries;
    const message = `expected at most ${capacity} ${what} on this node, there are ${need}: maps are made larger by the option sizes, after rxds-ebpf remove`;
    throw new RedirectError("full", message, { capacity, need }, { cause });
  }
}
