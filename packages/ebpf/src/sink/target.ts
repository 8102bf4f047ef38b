import type { RedirectEntry, RedirectPlan } from "@rxds/mesh";
import { addressBytes, isMapped } from "../layout/address.js";
import { redirectKey, redirectTo } from "../layout/layouts.js";
import type { Names } from "./ids.js";
import type { SinkProblem } from "./problem.js";
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
  readonly problems: readonly SinkProblem[];
}

/** What is encoded once: entries of the same list for the same proxy, and their addresses. */
export class EntryEncoder {
  #lists = new Map<string, EncodedList>();
  readonly #addresses = new Map<string, Uint8Array>();

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
    const problems: SinkProblem[] = [];
    const lists = new Map<string, EncodedList>();
    const turns = new Turns();
    for (const { proxy, entries: list } of plan.groups) {
      const known = this.#lists.get(proxy);
      const encoded = known?.list === list ? known.encoded : await this.#encode(proxy, list, turns);
      lists.set(proxy, { list, encoded });
      for (const { key, value, entry, problem } of encoded) {
        if (turns.over) await turns.pause();
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
    this.#lists = lists;
    if (this.#addresses.size > 4 * entries.size + 1024) this.#addresses.clear();
    return { entries, problems };
  }

  async #encode(proxy: string, list: readonly RedirectEntry[], turns: Turns): Promise<Encoded[]> {
    const group = this.names.id("proxy", proxy);
    const key = Buffer.alloc(redirectKey.size);
    const value = Buffer.alloc(redirectTo.size);
    const found: Encoded[] = [];
    for (const entry of list) {
      found.push(this.#encodeEntry(proxy, group, entry, key, value));
      if (turns.over) await turns.pause();
    }
    return found;
  }

  #encodeEntry(proxy: string, group: number, entry: RedirectEntry, key: Buffer, value: Buffer): Encoded {
    const { address, port, protocol, service, to } = entry;
    try {
      const addr = this.#address(address);
      const target = this.#address(to.address);
      if (isMapped(addr) !== isMapped(target))
        throw new TypeError(`expected a listener of the same family, got ${to.address}`);
      redirectKey.encode({ addr, port, protocol: PROTOCOLS[protocol], group }, key);
      redirectTo.encode({ service: this.names.id("service", service), addr: target, port: to.port }, value);
      return { entry, key: key.toString("latin1"), value: value.toString("latin1") };
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      const message = `${protocol} ${address} port ${port} of ${service}, by ${proxy}: ${error.message}`;
      return { entry, key: "", value: "", problem: { kind: "entry", message } };
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

interface EncodedList {
  readonly list: readonly RedirectEntry[];
  readonly encoded: readonly Encoded[];
}

interface Encoded {
  readonly entry: RedirectEntry;
  readonly key: string;
  readonly value: string;
  readonly problem?: SinkProblem;
}

/** What is to change so that one table becomes another. */
export async function tableChange(
  from: ReadonlyMap<string, string>,
  to: ReadonlyMap<string, string>,
): Promise<{ readonly upserts: Map<string, string>; readonly removals: string[] }> {
  const upserts = new Map<string, string>();
  const removals: string[] = [];
  const turns = new Turns();
  for (const [key, value] of to) {
    if (from.get(key) !== value) upserts.set(key, value);
    if (turns.over) await turns.pause();
  }
  if (from.size + upserts.size === to.size && [...upserts.keys()].every((key) => !from.has(key)))
    return { upserts, removals };
  for (const key of from.keys()) {
    if (!to.has(key)) removals.push(key);
    if (turns.over) await turns.pause();
  }
  return { upserts, removals };
}
