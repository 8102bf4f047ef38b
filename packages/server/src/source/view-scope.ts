import type { Scope } from "@rxds/core";
import { ScopeMembers } from "../fanout/members.js";
import type { StoreIndex } from "../fanout/store-index.js";

/** Names that left a scope are remembered until everybody has heard of it; they are looked through at this many. */
const FORGET_AT = 256;

/**
 * What one view shows of a shared store. Whether a type is shown whole or by names is fixed by the first scope: streams
 * share structures that differ between the two.
 */
export class ViewScope {
  readonly #types = new Map<string, ScopeMembers | "all">();
  #left = 0;

  constructor(
    readonly index: StoreIndex,
    scope: Scope,
  ) {
    for (const [typeUrl, wanted] of Object.entries(scope)) if (wanted === "all") this.#types.set(typeUrl, "all");
    this.show(scope);
  }

  /** What is shown of a type; undefined: everything. */
  members(typeUrl: string): ScopeMembers | undefined {
    let members = this.#types.get(typeUrl);
    if (members === undefined) {
      members = new ScopeMembers();
      this.#types.set(typeUrl, members);
    }
    return members === "all" ? undefined : members;
  }

  /** Whether a scope can be shown without starting anew. */
  fits(scope: Scope): boolean {
    for (const [typeUrl, members] of this.#types) if ((scope[typeUrl] === "all") !== (members === "all")) return false;
    return Object.entries(scope).every(([typeUrl, wanted]) => wanted !== "all" || this.#types.get(typeUrl) === "all");
  }

  /** Shows another scope. Costs its size, and touches only what differs. */
  show(scope: Scope): void {
    const seq = this.index.store.advance();
    for (const typeUrl of new Set([...this.#types.keys(), ...Object.keys(scope)])) {
      const wanted = scope[typeUrl] ?? [];
      const members = this.members(typeUrl);
      if (wanted !== "all" && members !== undefined) this.#move(typeUrl, members, wanted, seq);
    }
    this.index.committedAt(seq);
  }

  #move(typeUrl: string, members: ScopeMembers, wanted: Iterable<string>, seq: number): void {
    const index = this.index.table(typeUrl);
    const { table } = index;
    const touched = this.index.touchedIn(index);
    const stay = new Set<number>();
    for (const name of wanted) {
      const id = table.retain(name);
      // Each known id is retained once.
      if (members.knows(id)) table.release(id);
      if (!members.has(id)) index.move(seq, id, members, true, touched);
      stay.add(id);
    }
    for (const id of [...members.ids()]) {
      if (stay.has(id)) continue;
      index.move(seq, id, members, false, touched);
      this.#left++;
    }
    if (this.#left < FORGET_AT) return;
    this.#left = 0;
    for (const id of members.forget(index.oldestCursor(seq))) table.release(id);
  }

  close(): void {
    for (const [typeUrl, members] of this.#types) {
      if (members === "all") continue;
      const index = this.index.table(typeUrl);
      index.dropScope(members);
      for (const id of [...members.ids(), ...members.forget(Number.POSITIVE_INFINITY)]) index.table.release(id);
    }
  }
}
