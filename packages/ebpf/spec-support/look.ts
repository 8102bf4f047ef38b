import type { OpenMachine } from "../src/kernel/memory/memory-kernel.js";
import type { StoredMap } from "../src/kernel/memory/memory-state.js";
import { addressBytes, addressText } from "../src/layout/address.js";
import { enrolment, nameKey, nameText, redirectKey, redirectTo } from "../src/layout/layouts.js";
import { keyOf } from "./plans.js";

/** What the programs would do on a machine in memory: written from bpf/redirect.h, not from what writes the maps. */
export class Look {
  constructor(
    readonly machine: OpenMachine,
    readonly pins: string,
  ) {}

  /** Where a caller of a network namespace is sent; undefined: it is left alone. */
  redirect(cookie: bigint, dialed: { protocol: "tcp" | "udp"; address: string; port: number }): string | undefined {
    const netns = Buffer.alloc(8);
    netns.writeBigUInt64LE(cookie);
    const found = this.#map("enrolled_netns").entries.get(netns.toString("latin1"));
    const table = this.#map("redirects").inner.get(0);
    if (found === undefined || table === undefined) return undefined;
    const { group } = enrolment.decode(found);
    const key = redirectKey.encode({
      addr: addressBytes(dialed.address),
      port: dialed.port,
      protocol: dialed.protocol === "tcp" ? 6 : 17,
      group,
    });
    const to = table.entries.get(key.toString("latin1"));
    if (to === undefined) return undefined;
    const { addr, port, service } = redirectTo.decode(to);
    return `${addressText(addr)} ${port} ${this.#name(service)}`;
  }

  /** All that a caller is redirected for. */
  routes(cookie: bigint, dialed: Iterable<{ protocol: "tcp" | "udp"; address: string; port: number }>) {
    const found = new Map<string, string>();
    for (const one of dialed) {
      const to = this.redirect(cookie, one);
      if (to !== undefined) found.set(keyOf(one), to);
    }
    return found;
  }

  /** How many entries the table has. */
  get size(): number {
    return this.#map("redirects").inner.get(0)?.entries.size ?? 0;
  }

  #name(service: number): string {
    const key = nameKey.encode({ kind: 2, id: BigInt(service) });
    const found = this.#map("names").entries.get(key.toString("latin1"));
    return found === undefined ? "?" : Buffer.from(nameText.decode(found).text).toString("utf8").replace(/\0+$/, "");
  }

  #map(name: string): StoredMap {
    const found = this.machine.state.pins.get(`${this.pins}/maps/${name}`);
    if (found === undefined || !("entries" in found)) throw new Error(`there is no map ${name}`);
    return found;
  }
}
