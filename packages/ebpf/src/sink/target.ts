import type { RedirectEntry, RedirectPlan } from "@rxds/mesh/plan";
import { addressBytes, isMapped } from "../layout/address.js";
import { redirectKey, redirectTo } from "../layout/layouts.js";
import type { Names } from "./ids.js";
import type { SinkProblem } from "./problem.js";
import type { TableChange } from "./table.js";
import { Turns } from "./turns.js";

const PROTOCOLS = { tcp: 6, udp: 17 } as const;

/** Which listeners are ready. */
export interface ReadyListeners {
  /** Whether a proxy serves a listener, and all that it needs. */
  has(proxy: string, listener: string): boolean;
}

/** The table that a plan wants, encoded. */
export interface WantedTable {
  readonly entries: ReadonlyMap<string, string>;
  /** How many entries each service has, by its id. */
  readonly uses: Map<number, number>;
  readonly problems: readonly SinkProblem[];
}

/** Encodes each entry of each proxy once, and each address. */
export class EntryEncoder {
  /** By proxy: what an entry was encoded to. Plans of which little changes have the same objects for the rest. */
  readonly #known = new Map<string, WeakMap<RedirectEntry, Encoded>>();
  readonly #addresses = new Map<string, Uint8Array>();
  /** Written anew for each entry. */
  readonly #key = Buffer.alloc(redirectKey.size);
  readonly #value = Buffer.alloc(redirectTo.size);

  constructor(readonly names: Names) {}

  /**
   * The table that a plan wants.
   *
   * An entry is in it only when its listeners are ready. One that is in force goes on as it is until those of its new form are.
   *
   * @param inForce what is in the kernel
   * @param ready undefined: all are
   */
  async wanted(
    plan: RedirectPlan,
    inForce: ReadonlyMap<string, string>,
    ready: ReadyListeners | undefined,
  ): Promise<WantedTable> {
    const entries = new Map<string, string>();
    const uses = new Map<number, number>();
    const problems: SinkProblem[] = [];
    const turns = new Turns();
    for (const { proxy, entries: list } of plan.groups) {
      for (const entry of list) {
        if (turns.over) await turns.pause();
        const { key, value, service, problem } = this.one(proxy, entry);
        if (service !== undefined) uses.set(service, (uses.get(service) ?? 0) + 1);
        if (problem !== undefined) {
          problems.push(problem);
          continue;
        }
        if (ready === undefined || entry.listeners.every((listener) => ready.has(proxy, listener))) {
          entries.set(key, value);
          continue;
        }
        const old = inForce.get(key);
        if (old !== undefined) entries.set(key, old);
      }
    }
    const proxies = new Set(plan.groups.map(({ proxy }) => proxy));
    for (const proxy of [...this.#known.keys()]) if (!proxies.has(proxy)) this.#known.delete(proxy);
    if (this.#addresses.size > 4 * entries.size + 1024) this.#addresses.clear();
    return { entries, uses, problems };
  }

  /** An entry of a proxy, encoded. */
  one(proxy: string, entry: RedirectEntry): Encoded {
    let known = this.#known.get(proxy);
    if (known === undefined) {
      known = new WeakMap<RedirectEntry, Encoded>();
      this.#known.set(proxy, known);
    }
    const group = this.names.id("proxy", proxy);
    const before = known.get(entry);
    // A proxy or service that was gone for a while has another number now.
    const service = this.names.known("service", entry.service);
    if (before !== undefined && before.group === group && before.service === service) return before;
    const encoded = this.#encodeEntry(proxy, group, entry);
    known.set(entry, encoded);
    return encoded;
  }

  #encodeEntry(proxy: string, group: number, entry: RedirectEntry): Encoded {
    const [key, value] = [this.#key, this.#value];
    const { address, port, protocol, service, to } = entry;
    try {
      const addr = this.#address(address);
      const target = this.#address(to.address);
      if (isMapped(addr) !== isMapped(target))
        throw new TypeError(`expected a listener of the same family, got ${to.address}`);
      redirectKey.encode({ addr, port, protocol: PROTOCOLS[protocol], group }, key);
      const id = this.names.id("service", service);
      redirectTo.encode({ service: id, addr: target, port: to.port }, value);
      return { group, service: id, key: key.toString("latin1"), value: value.toString("latin1") };
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      const message = `${protocol} ${address} port ${port} of ${service}, by ${proxy}: ${error.message}`;
      return { group, service: undefined, key: "", value: "", problem: { kind: "entry", message } };
    }
  }

  #address(text: string): Uint8Array {
    let bytes = this.#addresses.get(text);
    if (bytes === undefined) {
      bytes = addressBytes(text);
      this.#addresses.set(text, bytes);
    }
    return bytes;
  }
}

/** An entry as key and value of the table. */
export interface Encoded {
  /** The id of its proxy. */
  readonly group: number;
  /** The id of its service; undefined: it cannot be. */
  readonly service: number | undefined;
  readonly key: string;
  readonly value: string;
  /** Why it cannot be. */
  readonly problem?: SinkProblem;
}

/** What is to change so that one table becomes another. */
export async function tableChange(
  from: ReadonlyMap<string, string>,
  to: ReadonlyMap<string, string>,
): Promise<TableChange> {
  const upserts = new Map<string, string>();
  const removals: string[] = [];
  const turns = new Turns();
  let added = 0;
  for (const [key, value] of to) {
    const is = from.get(key);
    if (is !== value) upserts.set(key, value);
    if (is === undefined) added++;
    if (turns.over) await turns.pause();
  }
  // As many as before and nothing new: nothing is gone either.
  if (from.size + added === to.size) return { upserts, removals, added };
  for (const key of from.keys()) {
    if (!to.has(key)) removals.push(key);
    if (turns.over) await turns.pause();
  }
  return { upserts, removals, added };
}
